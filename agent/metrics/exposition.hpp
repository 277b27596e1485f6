// A snapshot as Prometheus reads it, and in one word: well, or what is wrong.
#pragma once

#include "agent/metrics/snapshot.hpp"

namespace sealring::agent {

/// In the text format, version 0.0.4.
[[nodiscard]] std::string exposition_of(const snapshot&);

/// What is wrong, a line each; empty where all is well.
[[nodiscard]] std::string troubles_of(const snapshot&, std::chrono::sys_seconds now);

}  // namespace sealring::agent

// Whose failure it is when no certificate comes.
#pragma once

#include "agent/failure.hpp"

namespace sealring::agent {

/// The CA's, or that of the way to it: another CA may do better.
[[nodiscard]] bool is_of_ca(const failure&) noexcept;

/// It asks to come back later: an outage, or a limit.
[[nodiscard]] bool is_busy(const failure&) noexcept;

/// The CA could not validate a name: it counts that.
[[nodiscard]] bool is_of_names(const failure&) noexcept;

}  // namespace sealring::agent

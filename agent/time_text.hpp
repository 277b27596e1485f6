// Instants as people and programs read them; always UTC.
#pragma once

#include <chrono>
#include <string>

namespace sealring::agent {

/// "2027-02-21 22:15:03 UTC"
[[nodiscard]] std::string to_text(std::chrono::sys_seconds);
/// RFC 3339
[[nodiscard]] std::string to_rfc3339(std::chrono::sys_seconds);

}  // namespace sealring::agent

// A length of time as the configuration writes it: "90s", "15m", "12h", "1d".
#pragma once

#include "agent/failure.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace sealring::agent {

/// A whole number and its unit: s, m, h or d. condition::bad_input for all else, and for more than ten years.
[[nodiscard]] result<std::chrono::seconds> parse_duration(std::string_view);

/// The shortest text that parse_duration reads back. The duration must not be negative.
[[nodiscard]] std::string duration_text(std::chrono::seconds);

}  // namespace sealring::agent

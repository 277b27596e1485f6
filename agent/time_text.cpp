#include "agent/time_text.hpp"

#include <ctime>

namespace sealring::agent {

namespace {

std::string formatted(std::chrono::sys_seconds when, const char* format) {
  const std::time_t seconds = when.time_since_epoch().count();
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[32];
  return {text, std::strftime(text, sizeof text, format, &utc)};
}

}  // namespace

std::string to_text(std::chrono::sys_seconds when) { return formatted(when, "%F %T UTC"); }
std::string to_rfc3339(std::chrono::sys_seconds when) { return formatted(when, "%FT%TZ"); }

}  // namespace sealring::agent

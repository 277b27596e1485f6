#include "agent/duration.hpp"

#include "agent/text.hpp"

#include <array>
#include <charconv>

namespace sealring::agent {
namespace {

struct unit {
  char letter;
  unsigned seconds;
};
constexpr std::array<unit, 4> units{{{'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}}};
constexpr std::uint64_t longest = 3650ull * 86400;

}  // namespace

result<std::chrono::seconds> parse_duration(std::string_view text) {
  std::uint64_t number = 0;
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const auto [rest, error] = std::from_chars(begin, end, number);
  for (const auto& u : units) {
    if (error != std::errc{} || rest + 1 != end || *rest != u.letter) continue;
    if (number > longest / u.seconds) return fail(condition::bad_input, quote(text) + " is longer than ten years");
    return std::chrono::seconds(static_cast<std::int64_t>(number * u.seconds));
  }
  return fail(condition::bad_input, quote(text) + R"( is no length of time; write "90s", "15m", "12h" or "1d")");
}

std::string duration_text(std::chrono::seconds duration) {
  const auto count = duration.count();
  for (const auto& u : units) {
    if (count != 0 && count % u.seconds == 0) return std::to_string(count / u.seconds) + u.letter;
  }
  return "0s";
}

}  // namespace sealring::agent

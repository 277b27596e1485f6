#include "agent/manager/schedule.hpp"

#include <algorithm>
#include <array>

namespace sealring::agent {

namespace {

using namespace std::chrono_literals;
using std::chrono::seconds;
using std::chrono::sys_seconds;

constexpr seconds one_day = 24h;
constexpr seconds usual_question = 6h;
/// Of a CA that has given no answer.
constexpr seconds question_again = 1h;

}  // namespace

sys_seconds instant_in(sys_seconds start, sys_seconds end, double chance) {
  const auto length = static_cast<double>((end - start).count());
  return start + seconds{static_cast<std::int64_t>(length * std::clamp(chance, 0.0, 1.0))};
}

sys_seconds usual_renewal(sys_seconds not_before, sys_seconds not_after) {
  const seconds life = not_after - not_before;
  return not_before + (life < 10 * one_day ? life / 2 : life * 2 / 3);
}

seconds pause_after(int failures, seconds left) {
  constexpr std::array<seconds, 4> pauses{1min, 10min, 100min, one_day};
  const auto pause = pauses[static_cast<std::size_t>(std::clamp(failures, 1, 4) - 1)];
  return left > 0s ? std::min(pause, std::max(left / 10, 1s)) : std::min<seconds>(pause, 10min);
}

seconds pause_before_asking(std::optional<seconds> retry_after) {
  return std::clamp<seconds>(retry_after.value_or(usual_question), 1min, one_day);
}

void begin(upkeep& u, const certificate& c, sys_seconds now, double chance) {
  upkeep fresh{.name = c.name, .serial = c.serial};
  // Up to a minute after, so that a thousand that were issued together are not asked about together.
  fresh.ask_at = now + seconds{static_cast<std::int64_t>(60 * chance)};
  fresh.renew_at = usual_renewal(c.not_before, c.not_after);
  u = std::move(fresh);
}

void take_suggestion(upkeep& u, const renewal_suggestion& suggested, sys_seconds now, double chance) {
  u.explanation_url = suggested.explanation_url;
  u.ask_at = now + pause_before_asking(suggested.retry_after);
  if (u.window_start == suggested.start && u.window_end == suggested.end) return;
  u.window_start = suggested.start;
  u.window_end = suggested.end;
  u.renew_at = instant_in(suggested.start, suggested.end, chance);
}

void take_no_suggestion(upkeep& u, std::optional<seconds> retry_after, sys_seconds now) {
  u.ask_at = now + pause_before_asking(retry_after.value_or(question_again));
}

sys_seconds renew_by(const upkeep& u, const certificate& c) {
  const seconds usable = c.not_after - std::max(c.not_before, c.issued_at);
  return std::min(u.renew_at.value_or(sys_seconds::max()), c.not_after - usable / 20);
}

bool is_in_window(const upkeep& u, sys_seconds now) {
  return u.window_start && u.window_end && *u.window_start <= now && now < *u.window_end;
}

void note_failure(upkeep& u, std::string why, std::optional<seconds> retry_after, seconds left, sys_seconds now) {
  u.trouble = std::move(why);
  seconds pause = pause_after(++u.failures, left);
  const seconds longest = left > 0s ? left / 3 : one_day;
  if (retry_after) pause = std::max(pause, std::min({*retry_after, longest, one_day}));
  u.try_at = now + pause;
}

void note_success(upkeep& u) {
  u.failures = 0;
  u.try_at.reset();
  u.trouble.clear();
  u.portal.clear();
}

}  // namespace sealring::agent

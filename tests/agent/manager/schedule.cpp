#include "agent/manager/schedule.hpp"

#include "agent/scratch.hpp"

using namespace sealring;
using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::sys_seconds;

namespace {

constexpr sys_seconds start{1'700'000'000s};

agent::certificate of_life(std::chrono::seconds life) {
  return {.name = "a",
          .domains = {"a.test"},
          .directory = {},
          .key_label = {},
          .key_id = {},
          .serial = "01",
          .not_before = start,
          .not_after = start + life,
          .issued_at = start};
}

}  // namespace

TEST_CASE("an instant lies in its window, uniformly", "[schedule]") {
  CHECK(agent::instant_in(start, start + 100s, 0) == start);
  CHECK(agent::instant_in(start, start + 100s, 0.5) == start + 50s);
  CHECK(agent::instant_in(start, start + 100s, 0.9999) < start + 100s);
}

TEST_CASE("without a suggestion: two thirds of the lifetime, half of a short one", "[schedule]") {
  CHECK(agent::usual_renewal(start, start + days{90}) == start + days{60});
  CHECK(agent::usual_renewal(start, start + days{10}) == start + std::chrono::seconds{days{10}} * 2 / 3);
  CHECK(agent::usual_renewal(start, start + 160h) == start + 80h);
}

TEST_CASE("pauses grow, and never beyond a tenth of what is left", "[schedule]") {
  CHECK(agent::pause_after(1, days{30}) == 1min);
  CHECK(agent::pause_after(2, days{30}) == 10min);
  CHECK(agent::pause_after(3, days{30}) == 100min);
  CHECK(agent::pause_after(4, days{30}) == 24h);
  CHECK(agent::pause_after(400, days{30}) == 24h);
  CHECK(agent::pause_after(4, 80h) == 8h);
  CHECK(agent::pause_after(4, 10min) == 1min);
  CHECK(agent::pause_after(4, 5s) == 1s);
  CHECK(agent::pause_after(4, 0s) == 10min);
  CHECK(agent::pause_after(1, -days{3}) == 1min);
}

TEST_CASE("a CA's Retry-After is honoured between a minute and a day", "[schedule]") {
  CHECK(agent::pause_before_asking(std::nullopt) == 6h);
  CHECK(agent::pause_before_asking(0s) == 1min);
  CHECK(agent::pause_before_asking(7h) == 7h);
  CHECK(agent::pause_before_asking(std::chrono::seconds::max()) == 24h);
}

TEST_CASE("the instant is picked once a window", "[schedule]") {
  agent::upkeep u;
  agent::begin(u, of_life(days{90}), start, 0.5);
  CHECK(u.serial == "01");
  CHECK(u.renew_at == start + days{60});
  CHECK(u.ask_at == start + 30s);

  agent::renewal_suggestion suggested{start + days{50}, start + days{52}, "https://ca.test/why", 2h};
  agent::take_suggestion(u, suggested, start + 1h, 0.5);
  CHECK(u.renew_at == start + days{51});
  CHECK(u.ask_at == start + 3h);
  CHECK(u.explanation_url == "https://ca.test/why");
  agent::take_suggestion(u, suggested, start + 3h, 0.1);
  CHECK(u.renew_at == start + days{51});
  CHECK(u.ask_at == start + 5h);

  suggested.start = start - days{2};  // revoked, say: a window in the past
  suggested.end = start - days{1};
  agent::take_suggestion(u, suggested, start + 5h, 0.5);
  CHECK(*u.renew_at < start + 5h);

  agent::take_no_suggestion(u, std::nullopt, start + 7h);
  CHECK(u.ask_at == start + 8h);
  CHECK(u.window_end == suggested.end);
}

TEST_CASE("failures count up until one success, and the CA's word may be longer than ours", "[schedule]") {
  agent::upkeep u;
  agent::note_failure(u, "no route", std::nullopt, days{30}, start);
  CHECK(u.try_at == start + 1min);
  agent::note_failure(u, "busy", 3h, days{30}, start);
  CHECK(u.try_at == start + 3h);
  CHECK(u.failures == 2);
  CHECK(u.trouble == "busy");
  agent::note_failure(u, "busy", days{400}, days{30}, start);
  CHECK(u.try_at == start + 24h);
  agent::note_success(u);
  CHECK(u.failures == 0);
  CHECK_FALSE(u.try_at.has_value());
  CHECK(u.trouble.empty());
}

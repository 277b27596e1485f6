#include "agent/keeper/policy/rate_limiter.hpp"

#include "catch.hpp"

#include <thread>
#include <vector>

namespace sealring::test {

using namespace std::chrono_literals;
using agent::policy::rate_limiter;

TEST_CASE("rate_limiter: so many a second, each key and peer by itself", "[rate_limiter]") {
  rate_limiter limiter;
  rate_limiter::time_point now{};
  const auto taken = [&](std::string_view key, uid_t uid) {
    int n = 0;
    while (limiter.take(key, uid, 10, now)) ++n;
    return n;
  };
  CHECK(taken("a", 33) == 10);
  CHECK(taken("a", 33) == 0);
  CHECK(taken("a", 34) == 10);
  CHECK(taken("b", 33) == 10);
  now += 350ms;
  CHECK(taken("a", 33) == 3);
  now += 1h;
  CHECK(taken("a", 33) == 10);
  now -= 30min;  // a clock that goes back gives nothing
  CHECK(taken("a", 33) == 0);
  CHECK_FALSE(limiter.take("none", 33, 0, now));
}

TEST_CASE("rate_limiter: many peers do not make it forget those who are busy", "[rate_limiter]") {
  rate_limiter limiter;
  const rate_limiter::time_point now{};
  REQUIRE(limiter.take("a", 0, 1, now));
  for (uid_t uid = 1; uid < 5000; ++uid) REQUIRE(limiter.take("a", uid, 1, now));
  CHECK_FALSE(limiter.take("a", 0, 1, now));
  CHECK(limiter.take("a", 0, 1, now + 1s));
}

TEST_CASE("rate_limiter: from many threads no token is given twice", "[rate_limiter]") {
  rate_limiter limiter;
  std::vector<int> taken(4);
  {
    std::vector<std::jthread> threads;
    for (int& mine : taken)
      threads.emplace_back([&] {
        for (int i = 0; i < 1000; ++i) mine += limiter.take("a", 1, 500, {}) ? 1 : 0;
      });
  }
  CHECK(taken[0] + taken[1] + taken[2] + taken[3] == 500);
}

}  // namespace sealring::test

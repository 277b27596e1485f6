#include "agent/keeper/statistics.hpp"

#include "catch.hpp"

#include "metrics/at.hpp"

#include <numeric>
#include <thread>

using namespace sealring;
using namespace std::chrono_literals;
using agent::statistics;
using test::at;

namespace {

std::uint64_t all(const wire::histogram& h) { return std::accumulate(h.counts.begin(), h.counts.end(), std::uint64_t{0}); }

}  // namespace

TEST_CASE("a bucket has what took as long as its bound, and no more", "[statistics]") {
  agent::histogram h;
  for (const auto took : {0ns, 50'000ns, 50'001ns, 100'000ns, 5'000'000'000ns, 5'000'000'001ns, -1ns}) h.observe(took);
  const auto read = h.read();
  CHECK(read.counts.front() == 3);
  CHECK(read.counts[1] == 2);
  CHECK(read.counts[agent::latency_bounds.size() - 1] == 1);
  CHECK(read.counts.back() == 1);
  CHECK(all(read) == 7);
  CHECK(read.sum_ns == 10'000'200'002);
}

TEST_CASE("requests are counted by key and outcome, from any thread", "[statistics]") {
  statistics s{at(100)};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&s] {
        for (int n = 0; n < 1000; ++n) {
          s.count(n % 2 == 0 ? "a.test" : "b.test", statistics::outcome::done);
          s.count("", statistics::outcome::denied);
        }
      });
  }
  s.count("a.test", statistics::outcome::failed);
  const auto read = s.read();
  CHECK(read.started == 100);
  CHECK(read.total == 3);
  CHECK(read.keys == std::vector<wire::key_counts>{{"", 0, 4000, 0}, {"a.test", 2000, 0, 1}, {"b.test", 2000, 0, 0}});
}

TEST_CASE("calls into the module are counted while they last, and timed by the key's purpose", "[statistics]") {
  statistics s{at(100)};
  {
    const statistics::call one{s, agent::policy::purpose::tls_server, std::chrono::steady_clock::now() - 10s};
    CHECK(s.read().signing == 1);
  }
  const auto read = s.read();
  CHECK(read.signing == 0);
  REQUIRE(read.latencies.size() == 4);
  CHECK(read.latencies[1].purpose == "tls-server");
  CHECK(read.latencies[1].queued.counts.back() == 1);
  CHECK(all(read.latencies[1].in_module) == 1);
  CHECK(all(read.latencies[0].in_module) + all(read.latencies[2].in_module) + all(read.latencies[3].queued) == 0);
}

TEST_CASE("the token is up or down since a time, with a reason", "[statistics]") {
  statistics s{at(100)};
  CHECK(s.read().up);
  CHECK(s.read().since == 100);
  s.token_changed("the token is down:\nCKR_DEVICE_ERROR", at(200));
  CHECK_FALSE(s.read().up);
  CHECK(s.read().since == 200);
  CHECK(wire::encode(s.read()).has_value());  // whatever a module says can be sent
  s.token_changed("", at(300));
  CHECK(s.read().up);
  CHECK(s.read().since == 300);
}

#include "agent/manager/budget.hpp"

#include "agent/scratch.hpp"

using namespace sealring;
using namespace sealring::test;
using namespace std::chrono_literals;
using std::chrono::sys_seconds;

namespace {

constexpr sys_seconds day_one{1'700'000'000s};

agent::ca_section ca_with(std::vector<agent::rate_limit> limits) {
  agent::ca_section ca;
  ca.directory = "https://ca.test/dir";
  ca.rate_limits = std::move(limits);
  return ca;
}

}  // namespace

TEST_CASE("Let's Encrypt's limits are known, and no other CA's", "[budget]") {
  agent::ca_section ca;
  ca.directory = "https://acme-v02.api.letsencrypt.org/directory";
  CHECK(agent::limits_of(ca).size() == 4);
  ca.directory = "https://acme-staging-v02.api.letsencrypt.org/directory";
  CHECK(agent::limits_of(ca).empty());
  ca.directory = "https://acme-v02.api.letsencrypt.org.evil.test/directory";
  CHECK(agent::limits_of(ca).empty());
  ca.rate_limits = {{agent::limited::orders, 1, 1h}};
  CHECK(agent::limits_of(ca).size() == 1);
}

TEST_CASE("an order waits until the oldest that counts is old enough", "[budget]") {
  const scratch_folder folder;
  auto state = agent::store::open("sqlite3://" + (folder / "state.db").string()).value();
  const auto ca = ca_with({{agent::limited::orders, 2, 3h}});
  const std::vector<std::string> names{"a.test"};
  CHECK(agent::free_from(state, ca, names, day_one).value() == std::nullopt);
  for (const auto after : {0s, 60s}) REQUIRE(outcome(agent::count_order(state, ca, day_one + after)) == "");
  CHECK(agent::free_from(state, ca, names, day_one + 120s).value() == day_one + 3h);
  CHECK(agent::free_from(state, ca, names, day_one + 3h).value() == std::nullopt);
  CHECK(agent::free_from(state, ca_with({}), names, day_one + 120s).value() == std::nullopt);
  REQUIRE(outcome(state.forget_counted(day_one + 60s)) == "");
  CHECK(agent::free_from(state, ca, names, day_one + 120s).value() == std::nullopt);
}

TEST_CASE("certificates count for a registered domain, and for one set of names", "[budget]") {
  const scratch_folder folder;
  auto state = agent::store::open("sqlite3://" + (folder / "state.db").string()).value();
  const auto ca = ca_with({{agent::limited::certificates_per_domain, 2, 168h}, {agent::limited::duplicates, 1, 168h}});
  REQUIRE(outcome(agent::count_certificate(state, ca, {"www.a.co.uk", "a.co.uk"}, day_one)) == "");
  CHECK(agent::free_from(state, ca, {"a.co.uk", "www.a.co.uk"}, day_one).value() == day_one + 168h);
  CHECK(agent::free_from(state, ca, {"b.co.uk"}, day_one).value() == std::nullopt);
  CHECK(agent::free_from(state, ca, {"mail.a.co.uk"}, day_one).value() == std::nullopt);
  REQUIRE(outcome(agent::count_certificate(state, ca, {"mail.a.co.uk"}, day_one + 1h)) == "");
  CHECK(agent::free_from(state, ca, {"b.co.uk", "x.a.co.uk"}, day_one + 2h).value() == day_one + 168h);
}

TEST_CASE("failures count for the names that were tried", "[budget]") {
  const scratch_folder folder;
  auto state = agent::store::open("sqlite3://" + (folder / "state.db").string()).value();
  const auto ca = ca_with({{agent::limited::failures, 1, 1h}});
  REQUIRE(outcome(agent::count_failure(state, ca, {"a.test"}, day_one)) == "");
  CHECK(agent::free_from(state, ca, {"a.test", "b.test"}, day_one).value() == day_one + 1h);
  CHECK(agent::free_from(state, ca, {"b.test"}, day_one).value() == std::nullopt);
}

TEST_CASE("who has registered what", "[budget]") {
  CHECK(agent::registered_domain("www.example.com") == "example.com");
  CHECK(agent::registered_domain("*.example.co.uk") == "example.co.uk");
  CHECK(agent::registered_domain("co.uk") == "co.uk");
  CHECK(agent::registered_domain("host.internal") == "host.internal");
  CHECK(agent::registered_domain("192.0.2.7") == "192.0.2.7");
  CHECK(agent::registered_domain("2001:db8:1:2:3::4") == "2001:db8:1:2::/64");
}

#include "agent/metrics/exposition.hpp"

#include "catch.hpp"

#include "metrics/at.hpp"

using namespace sealring;
using namespace std::chrono_literals;
using Catch::Contains;
using test::at;

namespace {

agent::snapshot sample() {
  agent::snapshot s;
  s.certificates = {{.name = "a.test",
                     .not_after = at(1'900'000'001),
                     .failures = 2,
                     .proven = false,
                     .revoked = false,
                     .valid_scts = 2,
                     .bad_scts = 1}};
  s.orders = {{"https://ca.test/dir", "failed", 3}};
  s.keeper = wire::statistics_reply{};
  s.keeper->up = true;
  s.keeper->keys = {{"a.test", 1'000'000'007, 5, 1}};
  s.keeper->bounds_us = {50, 1000};
  s.keeper->latencies = {{"tls-server", {{4, 2, 1}, 3'500'000}, {{1, 1, 1}, 0}}};
  return s;
}

}  // namespace

TEST_CASE("what is known is shown exactly, in base units, and nothing else", "[exposition]") {
  const std::string text = agent::exposition_of(sample());
  for (const auto* line : {
           "sealring_certificate_not_after_timestamp_seconds{certificate=\"a.test\"} 1900000001\n",
           "sealring_certificate_consecutive_failures{certificate=\"a.test\"} 2\n",
           "sealring_certificate_live_proof_ok{certificate=\"a.test\"} 0\n",
           "sealring_certificate_scts{certificate=\"a.test\",verdict=\"bad\"} 1\n",
           "sealring_ca_orders_total{ca=\"https://ca.test/dir\",outcome=\"failed\"} 3\n",
           "sealring_signatures_total{key=\"a.test\",outcome=\"signed\"} 1000000007\n",
           "sealring_signatures_total{key=\"a.test\",outcome=\"denied\"} 5\n",
           "sealring_signature_queue_seconds_bucket{purpose=\"tls-server\",le=\"5e-05\"} 4\n",
           "sealring_signature_queue_seconds_bucket{purpose=\"tls-server\",le=\"0.001\"} 6\n",
           "sealring_signature_queue_seconds_bucket{purpose=\"tls-server\",le=\"+Inf\"} 7\n",
           "sealring_signature_queue_seconds_sum{purpose=\"tls-server\"} 0.0035\n",
           "sealring_signature_hsm_seconds_count{purpose=\"tls-server\"} 3\n",
           "sealring_hsm_up 1\n",
           "sealring_build_info{version=\"0.1.0\"} 1\n",
       })
    CHECK_THAT(text, Contains(line));
  for (const auto* unknown : {"next_renewal", "verdict=\"unknown\"", "audit"}) CHECK_THAT(text, !Contains(unknown));
}

TEST_CASE("a keeper that does not answer, or makes no sense, leaves the rest", "[exposition]") {
  auto s = sample();
  s.keeper->latencies.front().queued.counts.pop_back();
  CHECK_THAT(agent::exposition_of(s), !Contains("queue_seconds") && Contains("hsm_seconds"));
  s.keeper.reset();
  CHECK_THAT(agent::exposition_of(s), Contains("sealring_keeper_up 0\n") && !Contains("hsm_up") && Contains("a.test"));
}

TEST_CASE("what is wrong is told, a line each", "[exposition]") {
  auto s = sample();
  CHECK(agent::troubles_of(s, at(1'900'000'000)) == "");
  CHECK(agent::troubles_of(s, at(1'900'000'001)) == "certificate \"a.test\" has expired\n");
  s.certificates.front().revoked = true;
  s.keeper->up = false;
  s.keeper->outage = "the token is down: CKR_DEVICE_ERROR";
  s.troubles = {"two\nlines"};
  CHECK(agent::troubles_of(s, at(0)) == "the token is down: CKR_DEVICE_ERROR\ncertificate \"a.test\" was revoked\ntwo?lines\n");
  s = {};
  CHECK(agent::troubles_of(s, at(0)) == "the keeper does not answer\n");
}

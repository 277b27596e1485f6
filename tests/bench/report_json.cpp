#include "bench/report_json.hpp"

#include "../agent/scratch.hpp"
#include "made_up.hpp"

#include <boost/json/serialize.hpp>

#include <cmath>

namespace {

namespace bench = sealring::bench;
using sealring::test::outcome;

std::string wrong(const std::string& text) {
  const sealring::test::scratch_folder folder;
  sealring::test::spill(folder / "report.json", text);
  return outcome(bench::read_report(folder / "report.json"));
}

}  // namespace

TEST_CASE("a report comes back from its file", "[report_json]") {
  auto s = sealring::test::series_at(1000, 0.1, 1, {"rsa2048", {2, 3, 4, true}, 500});
  s.service = s.latency;
  s.errors["CKR_DEVICE_ERROR"] = 3;
  s.verified = 7;
  s.unsent = 9;
  auto r = sealring::test::report_of(s);
  r.about.time = "2026-11-28T12:00:00Z";
  r.about.machine = {{"processor", "an \"odd\" one"}};
  r.about.mechanisms = {"CKM_ECDSA"};
  r.knees.push_back({"raw", s.of, 1000, 900, 123});
  r.all.front().of.fault = "stall@1,1";
  r.all.front().courses.push_back({.struck = 1.25, .moments = {{1, 2, 3}, {}}});
  r.absent.push_back({"hsm", "p521", "because"});
  r.operations.push_back({"find", "beside 10 keys more", s.latency, {{"CKR_A", 1}}});

  const sealring::test::scratch_folder folder;
  sealring::test::spill(folder / "report.json", boost::json::serialize(bench::to_json(r)));
  const auto back = bench::read_report(folder / "report.json");
  REQUIRE(outcome(back).empty());
  REQUIRE(back->all.size() == 1);
  const auto& t = back->all.front();
  CHECK(t.of == r.all.front().of);
  CHECK(t.latency == s.latency);
  CHECK(t.service == s.service);
  CHECK(t.errors == s.errors);
  CHECK(t.turns.size() == s.turns.size());
  CHECK(t.turns.back().made == s.turns.back().made);
  CHECK(t.verified == 7);
  CHECK(t.unsent == 9);
  CHECK(t.courses.front().struck == 1.25);
  CHECK(t.courses.front().recovered < 0);
  CHECK(back->about.machine == r.about.machine);
  CHECK(back->knees.front().rate == 900);
  CHECK(back->absent.front().why == "because");
  CHECK(back->operations.front().time == s.latency);
  CHECK(boost::json::serialize(bench::to_json(*back)) == boost::json::serialize(bench::to_json(r)));
}

TEST_CASE("what is no report is refused", "[report_json]") {
  CHECK_FALSE(wrong("").empty());
  CHECK_FALSE(wrong("[]").empty());
  CHECK_FALSE(wrong("{}").empty());
  CHECK_FALSE(wrong(R"({"schema":1})").empty());
  CHECK(wrong(R"({"schema":2})").find("version 2") != std::string::npos);
  CHECK_FALSE(wrong(R"({"schema":1,"time":"","machine":{},"token":{},"mechanisms":[],"run":{},"knees":[],"left_out":[],)"
                    R"("series":[{"layer":"raw","key_type":"p256","mechanism":"raw","threads":-1}]})")
                  .empty());
}

TEST_CASE("p11perftest's signatures are read", "[report_json]") {
  // As boost::property_tree writes it: all values are text.
  const std::string test =
      R"({"sig": {"testvec0008": {"algorithm": "x", "threads": "2", "iterations": "100", "totalcount": "200",
          "latency": {"average": {"value": "0.5", "unit": "ms"}}, "errorcode": "CKR_OK", "wallclock": "50.0"}}})";
  const auto named = [&test](const std::string& name, const std::string& key) {
    auto body = test;
    return '"' + name + "\": " + body.replace(body.find("sig"), 3, key);
  };
  const sealring::test::scratch_folder folder;
  sealring::test::spill(folder / "theirs.json", "{" + named("ECDSA Signature (CKM_ECDSA) using a", "ecdsa-secp256r1") + "," +
                                                    named("RSA PSS Signature using b", "rsa-2048") + "," +
                                                    named("AES using c", "aes-128") + "}");
  const auto theirs = bench::read_report(folder / "theirs.json");
  REQUIRE(outcome(theirs).empty());
  REQUIRE(theirs->all.size() == 2);
  const auto& s = theirs->all.front();
  CHECK(s.layer == bench::floor_layer);
  CHECK(s.of.kind == "p256");
  CHECK(s.of.shape.threads == 2);
  CHECK(s.turns.front().made == 200);
  CHECK(std::abs(s.turns.front().seconds - 0.05) < 1e-9);
  CHECK(theirs->all.back().of.kind == "rsa2048");
}

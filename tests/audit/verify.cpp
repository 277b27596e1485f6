#include "agent/keeper/audit/verify.hpp"

#include "fixture.hpp"
#include "sealring/pem.hpp"

using namespace sealring;
using namespace sealring::test;
using Catch::Matchers::Contains;

namespace {

struct two_checkpoints : log_fixture {
  std::string first_half;
  two_checkpoints() {
    auto log = open();
    for (std::uint64_t i = 0; i < 5; ++i) REQUIRE(log.append(some_request(i)).has_value());
    REQUIRE(log.checkpoint().has_value());
    first_half = slurp(file);
    for (std::uint64_t i = 0; i < 5; ++i) REQUIRE(log.append(some_request(i)).has_value());
    REQUIRE(log.close().has_value());
  }
  std::string text(const audit::verification& v) const {
    std::string all;
    for (const auto& line : audit::to_lines(v)) all += line + '\n';
    return all;
  }
};

}  // namespace

TEST_CASE("a cut exactly at a checkpoint is found with the anchor only", "[verify]") {
  const two_checkpoints f;
  const auto anchors = f.anchors();
  const auto whole = f.verify(&anchors);
  CHECK(why(whole) == "");
  CHECK(whole.excluded_up_to == 12);
  CHECK_THAT(f.text(whole), Contains("not cut    up to record 12, by an anchor") && Contains("\ngood\n"));
  spill(f.file, f.first_half);
  const auto without = f.verify();
  CHECK(without.good());
  CHECK(without.signed_up_to == 5);
  CHECK_THAT(f.text(without),
             Contains("not cut    up to record 5 only; whether later records were cut off cannot be known without --anchor"));
  const auto with = f.verify(&anchors);
  REQUIRE(with.first_bad);
  CHECK(with.first_bad->sequence == 7);
  CHECK_THAT(why(with), Contains("an anchor holds record 12: the log was cut"));
}

TEST_CASE("an anchor may be a journal with other lines in it, and what others wrote there accuses nobody", "[verify]") {
  const two_checkpoints f, other;
  auto replayed = audit::decode(f.anchored.back());
  REQUIRE(replayed.has_value());
  auto forged = std::get<audit::checkpoint>(replayed->what);
  forged.signature[3] ^= 1;
  std::string forged_line;
  audit::link at{500, std::string(64, 'a')};
  REQUIRE(audit::append_line(forged_line, at, replayed->time, audit::encode(forged)).has_value());
  std::string same_number;
  at = {12, std::string(64, 'a')};
  REQUIRE(audit::append_line(same_number, at, replayed->time, audit::encode(forged)).has_value());
  const auto anchors = audit::read_anchors("-- Boot --\n" + other.anchored.back() + "\n" + forged_line + same_number + "\n" +
                                           f.anchored.front() + "\nnoise");
  const auto v = f.verify(&anchors);
  CHECK(why(v) == "");
  CHECK(v.anchors == 1);
  CHECK(v.excluded_up_to == 6);
  CHECK(v.foreign_anchors == 3);
}

TEST_CASE("a log that was begun anew under the same key does not pass for the old one", "[verify]") {
  two_checkpoints f;
  const auto anchors = f.anchors();
  std::filesystem::remove(f.file);
  {
    auto log = f.open();
  }
  const auto v = f.verify(&anchors);
  CHECK(v.good());
  CHECK(v.anchors == 0);
  CHECK(v.foreign_anchors == 2);
  CHECK_THAT(f.text(v), Contains("2 checkpoints of another log or key in it were passed over"));
}

TEST_CASE("files that are no logs", "[verify]") {
  log_fixture f;
  CHECK_THAT(outcome(audit::verify(f.file)), Contains("No such file"));
  spill(f.file, "");
  CHECK_THAT(why(f.verify()), Contains("the log is empty"));
  spill(f.file, std::string(300'000, 'x'));
  CHECK_THAT(why(f.verify()), Contains("incomplete") || Contains("not a record"));
  spill(f.file, "\n");
  CHECK_THAT(why(f.verify()), Contains("not a record"));
  spill(f.file, std::string(300'000, 'x') + "\n");
  CHECK(!f.verify().good());
}

TEST_CASE("the key can be given as PEM, DER or base64", "[verify]") {
  const auto spki = spki_of(new_key());
  CHECK(audit::read_key(to_pem("PUBLIC KEY", spki)).value() == spki);
  CHECK(audit::read_key(as_text(spki)).value() == spki);
  CHECK(audit::read_key(audit::base64(spki) + "\n").value() == spki);
  for (const std::string_view bad : {"", "x", "AAAA", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"})
    CHECK(audit::read_key(bad).has_error());
  auto ed = software_key<eddsa>::generate();
  REQUIRE(ed.has_value());
  CHECK_THAT(outcome(audit::read_key(as_text(to_spki(ed->public_key()).value()))), Contains("must be P-256"));
}

TEST_CASE("a log larger than any buffer", "[verify]") {
  log_fixture f;
  {
    auto log = f.open(300);
    auto r = some_request();
    for (std::size_t i = 0; i < 2000; ++i) {
      r.what = std::string(i, '\x01');
      REQUIRE(log.append(r).has_value());
    }
  }
  REQUIRE(std::filesystem::file_size(f.file) > 10'000'000);
  CHECK(why(f.verify()) == "");
  f.open();
}

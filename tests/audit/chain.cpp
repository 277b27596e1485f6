// Each single change to a log of 10 000 records is found. A verification can be copied, so that what comes before a change is
// checked once.

#include "fixture.hpp"

#include <random>

using namespace sealring;
using namespace sealring::test;
using audit::verifier_state;
using Catch::Matchers::Contains;

namespace {

struct long_log : log_fixture {
  std::vector<std::string> lines;
  long_log(std::uint64_t records, std::uint64_t every) {
    auto log = open();
    for (std::uint64_t i = 1; i <= records; ++i) {
      REQUIRE(log.append(some_request(i)).has_value());
      if (i % every == 0) REQUIRE(log.checkpoint().has_value());
    }
    REQUIRE(log.close().has_value());
    lines = lines_of(slurp(file));
  }
};

/// Whether the change shows at once, or at the latest with the line that follows it.
bool found(verifier_state state, const std::vector<std::string_view>& lines) {
  for (const auto line : lines) {
    if (!state.push(line)) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("each flip, deletion, swap, repetition and truncation of a 10 000-record log is found", "[chain]") {
  const long_log log{10'000, 500};
  REQUIRE(log.lines.size() > 10'000);
  const auto anchors = log.anchors();
  REQUIRE(anchors.by_sequence.size() == 20);
  std::mt19937 random{20261124};
  const auto pinned = spki_of(log.key);

  verifier_state state{pinned, &anchors};
  std::size_t flips = 0, deletions = 0, swaps = 0, repetitions = 0, insertions = 0, cuts = 0, torn = 0, missed = 0;
  for (std::size_t i = 0; i < log.lines.size(); ++i) {
    const std::string& line = log.lines[i];
    const bool has_next = i + 1 < log.lines.size();

    // Cut before this record: where i is behind a checkpoint, exactly at one.
    missed += state.finish().good() ? 1 : 0;
    ++cuts;
    // Cut within it.
    auto half = state;
    missed += half.push(std::string_view{line}.substr(0, random() % line.size()), false) ? 1 : 0;
    ++torn;

    std::string flipped = line;
    const std::size_t bit = random() % (line.size() * 8);
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    missed += found(state, {flipped}) ? 0 : 1;
    ++flips;
    missed += found(state, {line, line}) ? 0 : 1;
    ++repetitions;
    if (has_next) {
      missed += found(state, {log.lines[i + 1]}) ? 0 : 1;
      missed += found(state, {log.lines[i + 1], line}) ? 0 : 1;
      ++deletions;
      ++swaps;
    }
    const std::string& other = log.lines[random() % log.lines.size()];
    if (&other != &line) {
      missed += found(state, {other}) ? 0 : 1;
      ++insertions;
    }
    REQUIRE(state.push(line));
  }
  CHECK(missed == 0);
  const auto v = state.finish();
  CHECK(v.good());
  CHECK(v.records == log.lines.size());
  CHECK(v.checkpoints == 20);
  CHECK(v.anchors == 20);
  CHECK(v.excluded_up_to == log.lines.size() - 1);
  WARN("found: " << flips << " flips, " << deletions << " deletions, " << swaps << " swaps, " << repetitions << " repetitions, "
                 << insertions << " insertions, " << cuts << " cuts between and " << torn << " within records");
}

TEST_CASE("every bit of a record, of a checkpoint and of the header counts", "[chain]") {
  const long_log log{20, 10};
  std::size_t bits = 0, missed = 0;
  for (const std::size_t which : {std::size_t{0}, std::size_t{5}, std::size_t{11}}) {
    verifier_state before{spki_of(log.key)};
    for (std::size_t i = 0; i < which; ++i) REQUIRE(before.push(log.lines[i]));
    for (std::size_t bit = 0; bit < log.lines[which].size() * 8; ++bit, ++bits) {
      std::string flipped = log.lines[which];
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
      missed += found(before, {flipped}) ? 0 : 1;
    }
  }
  CHECK(log.lines[11].find("\"checkpoint\"") != std::string::npos);
  CHECK(missed == 0);
  CHECK(bits > 9'000);
}

TEST_CASE("who can write the file cannot make signed records anew", "[chain]") {
  const long_log log{20, 10};
  // Record 5 changed, and every hash after it computed anew, as the format allows to all.
  audit::link at;
  std::string forged;
  for (std::size_t i = 0; i < log.lines.size(); ++i) {
    const auto r = audit::decode(log.lines[i]);
    REQUIRE(r.has_value());
    auto what = r->what;
    if (i == 5) std::get<audit::request>(what).rule = "another";
    if (auto* const c = std::get_if<audit::checkpoint>(&what)) c->chain = at.hash;
    REQUIRE(audit::append_line(forged, at, r->time, audit::encode(what)).has_value());
  }
  spill(log.file, forged);
  const auto v = log.verify();
  REQUIRE(v.first_bad);
  CHECK(v.first_bad->sequence == 11);
  CHECK_THAT(why(v), Contains("signature is not the audit key's"));
  CHECK(!v.signed_up_to);
}

TEST_CASE("behind the last checkpoint they can, which verification says", "[chain]") {
  log_fixture f;
  {
    auto log = f.open();
    for (std::uint64_t i = 1; i <= 5; ++i) REQUIRE(log.append(some_request(i)).has_value());
    REQUIRE(log.checkpoint().has_value());
    for (std::uint64_t i = 1; i <= 3; ++i) REQUIRE(log.append(some_request(i)).has_value());
    const auto v = f.verify();
    CHECK(v.good());
    CHECK(v.signed_up_to == 5);
    CHECK(v.records == 10);
    CHECK(!v.excluded_up_to);
  }
  const auto v = f.verify();
  CHECK(v.signed_up_to == 9);
}

TEST_CASE("another log's header, checkpoint or key does not fit", "[chain]") {
  const long_log one{5, 5}, two{5, 5};
  CHECK(found(verifier_state{spki_of(two.key)}, {one.lines[0]}));
  verifier_state state{};
  for (std::size_t i = 0; i < 6; ++i) REQUIRE(state.push(one.lines[i]));
  CHECK(found(state, {two.lines[6]}));
  CHECK(found(verifier_state{}, {one.lines[1]}));
  CHECK(state.push(one.lines[6]));
}

#include "bench/compare.hpp"

#include "catch.hpp"
#include "made_up.hpp"

namespace {

namespace bench = sealring::bench;
using bench::verdict;
using sealring::test::report_of;
using sealring::test::series_at;

verdict judged(bench::series a, bench::series b, double tolerance = 0.05) {
  const auto all = bench::compare(report_of(std::move(a)), report_of(std::move(b)), tolerance);
  REQUIRE(all.size() == 1);
  return all.front().is;
}

}  // namespace

TEST_CASE("what is slower, faster and the same is told apart", "[compare]") {
  CHECK(judged(series_at(1000, 0.02, 1), series_at(1000, 0.02, 2)) == verdict::same);
  CHECK(judged(series_at(1000, 0.02, 1), series_at(850, 0.02, 2)) == verdict::worse);
  CHECK(judged(series_at(1000, 0.02, 1), series_at(1150, 0.02, 2)) == verdict::better);
  CHECK(judged(series_at(1000, 0.02, 1), series_at(850, 0.02, 2), 0.2) == verdict::same);
  // Six in a hundred may be noise where slices differ by sixty.
  CHECK(judged(series_at(1000, 0.6, 1), series_at(940, 0.6, 2)) == verdict::same);
}

TEST_CASE("an open loop is judged by its latency", "[compare]") {
  const bench::combination paced{"p256", {}, 500};
  auto slow = series_at(1000, 0.02, 1, paced);
  for (auto& t : slow.turns) t.p50 *= 2;
  CHECK(judged(series_at(1000, 0.02, 1, paced), slow) == verdict::worse);
  CHECK(judged(slow, series_at(1000, 0.02, 1, paced)) == verdict::better);
}

TEST_CASE("one slice tells nothing", "[compare]") {
  auto one = series_at(100, 0.02, 1);
  one.turns.resize(1);
  CHECK(judged(series_at(1000, 0.02, 1), one) == verdict::unknown);
}

TEST_CASE("only the same load is compared", "[compare]") {
  const auto none = bench::compare(report_of(series_at(1000, 0.02, 1)),
                                   report_of(series_at(1000, 0.02, 1, {"p256", {.threads = 2}, 0})), 0.05);
  CHECK(none.empty());
  const auto disturbed = bench::compare(report_of(series_at(1000, 0.02, 1)),
                                        report_of(series_at(1000, 0.02, 1, {"p256", {}, 0, "kill-keeper@1"})), 0.05);
  CHECK(disturbed.empty());
}

TEST_CASE("what no longer works is worse", "[compare]") {
  auto broken = series_at(1000, 0.02, 2);
  for (auto& t : broken.turns) t.made = 0;
  CHECK(judged(series_at(1000, 0.02, 1), broken) == verdict::worse);
  // A layer that B lacks, under a load that B was asked for.
  auto other = series_at(1000, 0.02, 1);
  other.layer = "hsm";
  auto both = report_of(series_at(1000, 0.02, 1));
  both.all.push_back(other);
  const auto all = bench::compare(both, report_of(series_at(1000, 0.02, 1)), 0.05);
  REQUIRE(all.size() == 2);
  CHECK(all.back().layer == "hsm");
  CHECK(all.back().is == verdict::missing);
}

TEST_CASE("slices without a signature have no latency", "[compare]") {
  auto some = series_at(1000, 0.02, 1);
  for (std::size_t i = 0; i != 12; ++i) some.turns[i].made = some.turns[i].p50 = 0;
  CHECK(bench::p50_of(some.turns) > 900);
}

TEST_CASE("an interval holds the ratio that slices were made with", "[compare]") {
  const auto a = series_at(1000, 0.1, 1), b = series_at(1300, 0.1, 2);
  for (const bool paired : {true, false}) {
    const auto by = bench::ratio(bench::rate_of, b.turns, a.turns, paired);
    CHECK(by.low < 1.3);
    CHECK(by.high > 1.3);
    CHECK(by.high - by.low < 0.2);
    CHECK(by.middle > by.low);
    CHECK(by.middle < by.high);
  }
  CHECK(bench::ratio(bench::rate_of, b.turns, {}, false).middle == 0);
}

#include "bench/histogram.hpp"

#include "catch.hpp"

#include <cmath>
#include <random>

namespace {

using sealring::bench::histogram;

/// Times over the whole range, as many short ones as long ones.
std::vector<std::uint64_t> times(unsigned seed) {
  std::mt19937_64 random{seed};
  std::vector<std::uint64_t> all(20'000);
  for (auto& one : all) one = random() >> (24 + random() % 40);
  return all;
}

histogram of(const std::vector<std::uint64_t>& all) {
  histogram h;
  for (const auto one : all) h.record(one);
  return h;
}

}  // namespace

TEST_CASE("percentiles are right to a thousandth", "[histogram]") {
  auto all = times(1);
  const auto h = of(all);
  std::ranges::sort(all);
  for (const double p : {0.1, 1.0, 50.0, 90.0, 99.0, 99.9, 99.99, 100.0}) {
    const auto rank = std::max<std::size_t>(static_cast<std::size_t>(std::ceil(p * 20'000 / 100)), 1);
    const auto exact = all[rank - 1];
    CAPTURE(p, exact);
    CHECK(h.percentile(p) >= exact);
    CHECK(h.percentile(p) - exact <= exact / 1000 + 1);
  }
  CHECK(h.min() == all.front());
  CHECK(h.max() == all.back());
  CHECK(h.count() == all.size());
}

TEST_CASE("histograms of parts add up to that of the whole", "[histogram]") {
  const auto some = times(2), others = times(3);
  auto whole = some;
  whole.insert(whole.end(), others.begin(), others.end());
  auto merged = of(some);
  merged.add(of(others));
  CHECK(merged == of(whole));
  merged.add({});
  CHECK(merged == of(whole));
}

TEST_CASE("short times are exact, and what is too long is counted", "[histogram]") {
  CHECK(of({7, 8, 9}).percentile(50) == 8);
  CHECK(histogram{}.percentile(99) == 0);
  CHECK(histogram{}.min() == 0);
  const std::uint64_t ages = histogram::longest * 4;
  const auto h = of({1, ages});
  CHECK(h.count() == 2);
  CHECK(h.max() == ages);
  CHECK(h.percentile(100) == histogram::longest);
}

TEST_CASE("a histogram comes back from its buckets, and nothing else does", "[histogram]") {
  const auto h = of(times(4));
  std::vector<std::pair<std::size_t, std::uint64_t>> filled;
  for (std::size_t i = 0; i != histogram::buckets; ++i)
    if (h.in_bucket(i) != 0) filled.emplace_back(i, h.in_bucket(i));
  histogram back;
  CHECK(back.restore(filled, h.sum(), h.min(), h.max()));
  CHECK(back == h);
  CHECK_FALSE(back.restore({{histogram::buckets, 1}}, 1, 1, 1));
  CHECK_FALSE(back.restore({{1, 1}}, 1, 2, 1));
}

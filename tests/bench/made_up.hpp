// Reports with figures that are known.
#pragma once

#include "bench/report.hpp"

#include <random>

namespace sealring::test {

/// Twenty slices of a second at this rate, give or take `noise`.
inline bench::series series_at(double rate, double noise, unsigned seed, bench::combination of = {"p256", {}, 0}) {
  std::mt19937 random{seed};
  std::uniform_real_distribution<double> factor{1 - noise, 1 + noise};
  bench::series s{.layer = "raw", .of = std::move(of)};
  for (int i = 0; i != 20; ++i) {
    const double f = factor(random);
    const auto time = static_cast<std::uint64_t>(1e9 / (rate * f));
    s.turns.push_back(
        {.seconds = 1, .made = static_cast<std::uint64_t>(rate * f), .client_cpu = 0.5, .p50 = time, .p99 = 2 * time});
    s.latency.record(time);
  }
  return s;
}

inline bench::report report_of(bench::series s) {
  bench::report r;
  r.all.push_back(std::move(s));
  return r;
}

}  // namespace sealring::test

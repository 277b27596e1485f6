// Two reports side by side: what became faster, what slower, and whether that can be told at all.
#pragma once

#include "bench/bootstrap.hpp"
#include "bench/report_text.hpp"

namespace sealring::bench {

enum class verdict {
  same,     ///< the interval reaches into the tolerance
  better,   ///< all of it is beyond
  worse,    ///< likewise, or B has not one signature
  missing,  ///< B has no such layer under a load that both have
  unknown,  ///< one of the two has too few slices for an interval
};

[[nodiscard]] std::string_view word_of(verdict);

struct comparison {
  std::string layer;
  combination of;
  interval rate{};  ///< B's by A's
  interval cpu{};   ///< likewise; zero where one has none
  double p50 = 0;   ///< B's by A's
  double p99 = 0;   ///< likewise; 0 where one keeps no histograms
  verdict is{};     ///< by the rate; by the median latency where an open loop sets the rate
};

/// Of the loads that both have. `tolerance`: 0.05 is five in a hundred.
[[nodiscard]] std::vector<comparison> compare(const report& a, const report& b, double tolerance);

[[nodiscard]] table table_of(const std::vector<comparison>&);

}  // namespace sealring::bench

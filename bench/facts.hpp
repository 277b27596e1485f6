// What must be known of machine and token to make anything of a figure.
#pragma once

#include "bench/token.hpp"

namespace sealring::bench {

/// Names and values, in the order in which they are shown.
using fact_list = std::vector<std::pair<std::string, std::string>>;

struct facts {
  std::string time;  ///< RFC 3339, UTC
  fact_list machine;
  fact_list token;
  std::vector<std::string> mechanisms;  ///< that the token signs with
  fact_list run;                        ///< how it was measured
};

[[nodiscard]] facts facts_of(const bench_token&);

}  // namespace sealring::bench

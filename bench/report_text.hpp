// Reports for people and spreadsheets: a table, CSV, one HTML file with its pictures in it.
#pragma once

#include "bench/bootstrap.hpp"

namespace sealring::bench {

struct table {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
};

/// A line a layer and combination. The ratio is that of rates to the floor's, in open loops that of median latencies, with the
/// interval that holds 95 % of it.
[[nodiscard]] table table_of(const report&);
/// Empty without a ramp.
[[nodiscard]] table knees_of(const report&);

/// A line a fault; empty if none was made.
[[nodiscard]] table faults_of(const report&);
/// A line an operation; empty if none was timed.
[[nodiscard]] table operations_of(const report&);

/// RFC 4180; a line a layer and combination, ramps included, and one an operation.
[[nodiscard]] std::string to_csv(const report&);

/// Self-contained: no script, nothing from elsewhere; light and dark.
[[nodiscard]] std::string to_html(const report&);

/// "1.199 [1.128-1.279]"; without the interval where that is not known, "-" where nothing is.
[[nodiscard]] std::string shown(const interval&);

/// With so many digits after the point.
[[nodiscard]] std::string decimal(double value, int digits);

}  // namespace sealring::bench

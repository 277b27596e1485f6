// What became of fleets: a table, JSON, and one page with plots.
#pragma once

#include "bench/fleet.hpp"
#include "bench/report_text.hpp"

#include <boost/json/fwd.hpp>

namespace sealring::bench {

struct fleet_run {
  fleet asked;
  fleet_outcome outcome;
  std::size_t names = 1;  ///< a certificate

  /// That the token makes for one certificate: newOrder, for each name an authorization, its challenge and its answer,
  /// finalize, the order's answer, the certificate (RFC 8555 section 7.4), and the request itself (RFC 2986).
  [[nodiscard]] double signatures() const { return 5 + 3 * static_cast<double>(names); }
};

[[nodiscard]] table table_of(const std::vector<fleet_run>&);
[[nodiscard]] boost::json::value to_json(const std::vector<fleet_run>&);
[[nodiscard]] std::string to_html(const std::vector<fleet_run>&);

}  // namespace sealring::bench

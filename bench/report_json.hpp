// Reports as JSON: docs/bench.schema.json is its schema. And p11perftest's, as far as they can be compared with ours.
#pragma once

#include "bench/report.hpp"

#include <boost/json/fwd.hpp>

namespace sealring::bench {

/// Changes where a reader of the old form would be misled: also when histograms' buckets do.
inline constexpr int schema_version = 1;

[[nodiscard]] boost::json::value to_json(const report&);

/// What to_json() has made, or p11perftest's output (3.x): each of its signatures is a series of the floor, of one slice, by
/// wall clock, and without histograms, since it keeps none. condition::bad_input for anything else.
[[nodiscard]] result<report> read_report(const std::filesystem::path&);

}  // namespace sealring::bench

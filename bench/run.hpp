// All layers under all loads, in turns: what else the machine does meanwhile is everybody's.
#pragma once

#include "bench/layers.hpp"
#include "bench/plan.hpp"
#include "bench/report.hpp"

#include <atomic>

namespace sealring::bench {

using progress = std::function<void(const std::string& line)>;

/// `stop` ends it after the slice under way; what was measured until then is reported. condition::unsupported for a layer that
/// was asked for by name and is not there; with a later kind, whatever keeps a layer away, it is left out with that.
[[nodiscard]] result<report> measure(bed&, const plan&, const progress&, const std::atomic<bool>& stop);

}  // namespace sealring::bench

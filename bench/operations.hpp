// What a token takes beside signatures: for a session, for a login, to find a key among many, to make one.
#pragma once

#include "bench/plan.hpp"
#include "bench/report.hpp"

#include <atomic>
#include <functional>

namespace sealring::bench {

/// Times those of the plan. All that is made is a session object, which goes with its session, but for the key to be found.
/// What a token lacks, or has no room for, is left out and named. Until `stop`.
void time_operations(bench_token&, const plan&, report&, const std::function<void(const std::string&)>& tell,
                     const std::atomic<bool>& stop);

}  // namespace sealring::bench

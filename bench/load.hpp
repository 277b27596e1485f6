// Load on a layer: a closed loop, in which each thread asks again as soon as it has its answer; or an open one, in which
// requests come at a rate of their own, whether or not the answers do.
//
// A closed loop finds the most that a layer can do. It does not show what waiting costs: while the layer stalls nobody asks,
// and one slow answer is counted where a thousand would have been slow. An open loop has a plan of when each request is to
// start, and counts its latency from there.
#pragma once

#include "bench/fault.hpp"
#include "bench/histogram.hpp"
#include "bench/layer.hpp"

#include <atomic>
#include <map>

namespace sealring::bench {

struct load {
  load_shape shape;
  double rate = 0;  ///< requests a second of all threads; 0: a closed loop
  std::chrono::duration<double> time{1};
  unsigned verify_every = 64;               ///< of each thread's signatures; after the clock has stopped. 0: none
  int cpu = -1;                             ///< where client and servers are to run; -1: anywhere
  const std::atomic<bool>* stop = nullptr;  ///< ends it early
  striker* trouble = nullptr;               ///< strikes meanwhile; the slice then has a course
};

/// One layer under one load for a while.
struct slice {
  double seconds = 0;
  std::uint64_t unsent = 0;  ///< planned by an open loop, and not begun when it ended: there were too many before them
  double client_cpu = 0;     ///< seconds, this process
  double server_cpu = 0;     ///< seconds, those that sign for it
  std::uint64_t switches = 0;
  std::uint64_t verified = 0;
  /// From the intended start: of what was signed, and of what was not begun, by what it had waited for already.
  histogram latency;
  histogram service;                            ///< from the real one; empty in a closed loop, where it is the same
  std::optional<course> by_time;                ///< where there was trouble
  std::map<std::string, std::uint64_t> errors;  ///< by the name of their code

  std::uint64_t made() const noexcept { return latency.count() - unsent; }
};

/// An error that no run may have.
inline constexpr std::string_view wrong_signature = "a signature that does not verify";

/// Runs it. Errors are counted, and never end it: not even if no worker can be made.
[[nodiscard]] slice run(layer&, algorithm_id, const load&);

/// "CKR_DEVICE_ERROR", or the message of a code that is not PKCS#11's.
[[nodiscard]] std::string name_of(std::error_code);

}  // namespace sealring::bench

// What the keeper counts: signatures by key and outcome, how long they waited and how long the module took, and how the token
// is.
//
// Counting must cost a signature next to nothing: atomics, and a lock that readers share.
#pragma once

#include "agent/keeper/policy/world.hpp"
#include "agent/wire/message.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <shared_mutex>

namespace sealring::agent {

/// Upper bounds of the histograms' buckets, in microseconds; beyond the last there is one more.
inline constexpr std::array<std::uint64_t, 16> latency_bounds{
    50, 100, 250, 500, 1000, 2500, 5000, 10'000, 25'000, 50'000, 100'000, 250'000, 500'000, 1'000'000, 2'500'000, 5'000'000};

/// Safe from many threads.
class histogram {
public:
  void observe(std::chrono::nanoseconds) noexcept;
  [[nodiscard]] wire::histogram read() const;

private:
  std::array<std::atomic<std::uint64_t>, latency_bounds.size() + 1> counts_{};
  std::atomic<std::uint64_t> sum_ = 0;  // nanoseconds
};

/// Safe from many threads.
class statistics {
public:
  enum class outcome : std::uint8_t { done, denied, failed };
  using wall_time = std::chrono::sys_seconds;

  explicit statistics(wall_time now) : started_{now}, since_{now} {}

  /// A request for a signature has its answer. `key`: its name, or empty for one that there is not: what strangers ask for must
  /// not fill the memory.
  void count(std::string_view key, outcome);

  /// A call into the module, from here until the end of its scope.
  class call {
  public:
    call(statistics& s, policy::purpose use, std::chrono::steady_clock::time_point read_at) noexcept;
    call(const call&) = delete;
    call& operator=(const call&) = delete;
    ~call();

  private:
    statistics& in_;
    histogram& took_;
    std::chrono::steady_clock::time_point begun_;
  };

  /// `why` as the operator is told; empty where the token is back.
  void token_changed(std::string_view why, wall_time now);

  /// All but the audit log's part.
  [[nodiscard]] wire::statistics_reply read() const;

private:
  struct tally {
    std::array<std::atomic<std::uint64_t>, 3> by{};
  };
  struct latency {
    histogram queued, in_module;
  };
  static constexpr std::array purposes{policy::purpose::account, policy::purpose::tls_server, policy::purpose::tls_client,
                                       policy::purpose::raw};
  static_assert(static_cast<std::size_t>(policy::purpose::raw) == purposes.size() - 1);

  const wall_time started_;
  std::atomic<std::uint64_t> signing_ = 0;
  std::array<latency, purposes.size()> latencies_;
  mutable std::shared_mutex keys_mutex_;  // guards the map, not the tallies in it
  std::map<std::string, tally, std::less<>> keys_;
  mutable std::mutex token_mutex_;  // guards what follows
  wall_time since_;
  std::string outage_;
};

}  // namespace sealring::agent

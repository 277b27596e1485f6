// "The HSM is down", said once.
//
// When the token fails, callers are told at once for a while instead of each waiting for it to fail again; then one request is
// let through to see. Each failure doubles the while, up to five seconds.
#pragma once

#include "sealring/result.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>

namespace sealring::agent {

/// Safe from many threads.
class hsm_latch {
public:
  using clock = std::chrono::steady_clock;

  /// Whether a request may go to the token now. Where it is down, one caller a while gets true.
  [[nodiscard]] bool may_try(clock::time_point now) noexcept {
    auto until = down_until_.load();
    if (until == up) return true;
    const auto ticks = now.time_since_epoch().count();
    return ticks >= until && down_until_.compare_exchange_strong(until, (now + pause()).time_since_epoch().count());
  }

  /// The token answered. True if it was down.
  bool worked() noexcept {
    if (failures_.load() == 0 && down_until_.load() == up) return false;
    failures_ = 0;
    return down_until_.exchange(up) != up;
  }

  /// The token failed in a way that recovery did not mend. True if it was up until now.
  bool failed(clock::time_point now) noexcept {
    ++failures_;
    return down_until_.exchange((now + pause()).time_since_epoch().count()) == up;
  }

  /// Nothing that can be tried in this process will help.
  void wear_out() noexcept { failures_ = most_failures; }

  /// A new process, with the module loaded anew, is the next rung of the ladder.
  [[nodiscard]] bool worn_out() const noexcept { return failures_ >= most_failures; }

private:
  static constexpr clock::rep up = 0;
  static constexpr unsigned most_failures = 5;

  [[nodiscard]] clock::duration pause() const noexcept {
    const auto doublings = std::min(failures_.load(), 6U);
    return std::min<clock::duration>(std::chrono::milliseconds{100} * (1U << doublings), std::chrono::seconds{5});
  }

  std::atomic<unsigned> failures_ = 0;
  std::atomic<clock::rep> down_until_ = up;
};

/// Whether a failed signature may speak of the token rather than of the request or the key.
[[nodiscard]] bool is_outage(std::error_code) noexcept;

/// Whether only a module that is loaded anew can do better.
[[nodiscard]] bool needs_new_process(std::error_code) noexcept;

/// For operators: the same words for the same outage, in this process and in the next.
[[nodiscard]] std::string outage_text(std::error_code);

}  // namespace sealring::agent

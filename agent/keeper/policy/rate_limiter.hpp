// How often a peer may use a key: a token bucket (RFC 2697's idea) a pair, filled by the caller's clock.
#pragma once

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include <sys/types.h>

namespace sealring::agent::policy {

/// Safe from many threads.
class rate_limiter {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Whether the peer may use the key once more now: `per_second` times a second in the long run, and as often at once.
  [[nodiscard]] bool take(std::string_view key, uid_t peer, unsigned per_second, time_point now) {
    const std::scoped_lock lock{mutex_};
    if (buckets_.size() >= most_) forget_idle(now);
    const auto [at, fresh] = buckets_.try_emplace({std::string{key}, peer}, bucket{static_cast<double>(per_second), now});
    bucket& b = at->second;
    const std::chrono::duration<double> passed = std::max(now - b.filled, time_point::duration::zero());
    b.tokens = std::min(static_cast<double>(per_second), b.tokens + passed.count() * per_second);
    b.filled = std::max(b.filled, now);
    if (b.tokens < 1) return false;
    b.tokens -= 1;
    return true;
  }

private:
  struct bucket {
    double tokens;
    time_point filled;
  };

  // A bucket that was left alone for a second is full again, as good as none.
  void forget_idle(time_point now) {
    std::erase_if(buckets_, [&](const auto& one) { return now - one.second.filled >= std::chrono::seconds{1}; });
    most_ = std::max<std::size_t>(1024, 2 * buckets_.size());
  }

  std::mutex mutex_;
  std::map<std::pair<std::string, uid_t>, bucket> buckets_;
  std::size_t most_ = 1024;
};

}  // namespace sealring::agent::policy

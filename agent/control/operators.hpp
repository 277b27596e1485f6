// Who may change something: [agent] operators as they were when the configuration was last read, and the agent's own user.
#pragma once

#include "agent/accounts.hpp"

#include <mutex>

namespace sealring::agent::control {

/// Safe from any thread.
class operators {
public:
  explicit operators(uid_t owner) : owner_(owner), uids_{owner} {}

  /// Those of another configuration. A failure leaves the owner alone.
  [[nodiscard]] result<void> take(const config& c) {
    auto named = operators_of(c, owner_);
    const std::lock_guard lock(mutex_);
    uids_ = named ? *named : std::set<uid_t>{owner_};
    if (!named) return named.error();
    return {};
  }
  [[nodiscard]] bool has(uid_t uid) const {
    const std::lock_guard lock(mutex_);
    return uids_.contains(uid);
  }

private:
  const uid_t owner_;
  mutable std::mutex mutex_;
  std::set<uid_t> uids_;
};

}  // namespace sealring::agent::control

// How many connections each user has.
#pragma once

#include <map>
#include <mutex>

#include <sys/types.h>

namespace sealring::agent::control {

class users_share {
public:
  explicit users_share(unsigned most) : most_(most) {}

  /// Whether one more is allowed. `mark` must be given back to `leave` at the connection's end, in either case.
  [[nodiscard]] bool enter(uid_t uid, void** mark) {
    const std::lock_guard lock(mutex_);
    auto& entry = *open_.try_emplace(uid, 0).first;
    *mark = &entry;  // stays where it is until erased
    return ++entry.second <= most_;
  }
  void leave(void** mark) noexcept {
    const std::lock_guard lock(mutex_);
    auto* const entry = static_cast<std::map<uid_t, unsigned>::value_type*>(*mark);
    if (entry && --entry->second == 0) open_.erase(open_.find(entry->first));
    *mark = nullptr;
  }

private:
  const unsigned most_;
  std::mutex mutex_;
  std::map<uid_t, unsigned> open_;
};

}  // namespace sealring::agent::control

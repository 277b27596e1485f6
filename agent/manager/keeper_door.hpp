// The keeper there is now, for all threads of the manager: it may die, and another come, at any time.
#pragma once

#include "agent/manager/keeper_link.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>

namespace sealring::agent {

class keeper_door {
public:
  /// The link to a keeper that has just been started.
  void put(descriptor link);
  /// Nobody is to wait any more.
  void stop();

  /// One that answers, waited for up to `patience`. condition::retry_later: there is none.
  [[nodiscard]] result<std::shared_ptr<const keeper_link>> open(std::chrono::milliseconds patience);
  /// A keeper that we could not wait for has the other end of our link, and there is no other link before one of us dies.
  [[nodiscard]] bool lost() const;

private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  descriptor link_;
  std::shared_ptr<const keeper_link> current_;
  std::string why_ = "it has not been started yet";
  bool lost_ = false;
  bool stopping_ = false;
};

}  // namespace sealring::agent

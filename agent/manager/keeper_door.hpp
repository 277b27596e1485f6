// The keeper there is now, for all threads of the manager: it may die, and another come, at any time.
#pragma once

#include "agent/manager/keeper_link.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

namespace sealring::agent {

class keeper_door {
public:
  keeper_door();
  keeper_door(const keeper_door&) = delete;
  keeper_door& operator=(const keeper_door&) = delete;
  ~keeper_door();

  /// The link to a keeper that has just been started.
  void put(descriptor link);
  /// Nobody is to wait any more.
  void stop();

  /// One that answers, waited for up to `patience`. condition::retry_later: there is none, or it is still opening the token.
  [[nodiscard]] result<std::shared_ptr<const keeper_link>> open(std::chrono::milliseconds patience);
  /// A keeper that we could not wait for has the other end of our link, and there is no other link before one of us dies.
  [[nodiscard]] bool lost() const;

private:
  void greet();

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  descriptor link_;     ///< to a keeper that is to be greeted
  descriptor greeted_;  ///< the same socket as that of the one who is greeted now
  std::shared_ptr<const keeper_link> current_;
  std::string why_ = "it has not been started yet";
  bool lost_ = false;
  bool stopping_ = false;
  std::thread greeter_;  ///< the last, since it uses all the others
};

}  // namespace sealring::agent

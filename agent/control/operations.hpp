// Lengthy operations under way, each in a thread of its own.
#pragma once

#include "agent/control/router.hpp"
#include "agent/control/stream.hpp"

#include <list>
#include <memory>
#include <thread>

namespace sealring::agent::control {

class operations {
public:
  operations() = default;
  operations(const operations&) = delete;
  operations& operator=(const operations&) = delete;
  /// Waits for all of them.
  ~operations();

  /// What it tells. condition::retry_later if too many are under way, or `stop` was called.
  [[nodiscard]] result<std::shared_ptr<stream>> start(lengthy, request);

  /// No more are started. Whether all have ended, and what they told has been read or has nobody to read it, by then.
  [[nodiscard]] bool stop(std::chrono::steady_clock::time_point until);
  /// Those who read are let go.
  void cut();
  /// A stream's reader is done with it.
  void forget(const std::shared_ptr<stream>&);

private:
  struct worker {
    std::thread thread;
    bool ended = false;
  };
  void reap();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::shared_ptr<stream>> read_;  ///< by a client
  std::list<worker> workers_;
  bool stopping_ = false;
};

}  // namespace sealring::agent::control

// The way from the manager to its supervisor: questions of many threads, answers read by one.
#pragma once

#include "agent/manager/deploy/commands.hpp"

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace sealring::agent {

/// Safe from many threads.
class supervisor_link final : public commands {
public:
  /// The channel of links.hpp, which stays the caller's. `in_queue` is how long others may be served before us.
  explicit supervisor_link(int channel, std::chrono::milliseconds in_queue = std::chrono::minutes(2))
      : channel_(channel), in_queue_(in_queue) {}

  /// For whoever reads the channel: an answer that came over it. One that nobody waits for any more is dropped.
  void take(std::string_view message);
  /// Likewise: nothing will come any more. Whoever waits, or asks from now on, gets condition::retry_later.
  void gone();

private:
  result<void> ask(request, std::chrono::seconds limit) const override;

  const int channel_;
  const std::chrono::milliseconds in_queue_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  mutable std::map<std::uint64_t, std::optional<result<void>>> waiting_;
  mutable std::uint64_t last_ = 0;
  bool gone_ = false;
};

/// Reads a channel where nobody else does: in the manager of one command.
class channel_reader {
public:
  channel_reader(int channel, supervisor_link& to);
  channel_reader(const channel_reader&) = delete;
  channel_reader& operator=(const channel_reader&) = delete;
  ~channel_reader();

private:
  const int channel_;
  std::thread thread_;
};

}  // namespace sealring::agent

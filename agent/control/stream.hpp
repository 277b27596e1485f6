// What a lengthy operation tells, from its thread to its client's: JSON objects, one a line (application/x-ndjson).
//
//   {"progress": "proving control of 2 names"}
//   {}                                          it still runs
//   {"result": …} or {"error": problem}         the last
#pragma once

#include "agent/control/message.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>

namespace sealring::agent::control {

class stream {
public:
  /// One line of progress. Dropped if nobody reads any more; of a reader that is slow the oldest are.
  void add(std::string_view line);
  /// The last line.
  void end(const answer&);

  /// The next octets, at most `size`; "{}" if none come within `patience`. 0 at the end, nothing if it was cut.
  [[nodiscard]] std::optional<std::size_t> read(char* into, std::size_t size, std::chrono::milliseconds patience);
  /// Nobody reads any more.
  void abandon();
  /// No more is to be waited for.
  void cut();

private:
  void put(const json::object&);
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> lines_;
  std::size_t taken_ = 0;  ///< octets of the first line that were read
  bool ended_ = false;
  bool read_by_nobody_ = false;
  bool cut_ = false;
};

}  // namespace sealring::agent::control

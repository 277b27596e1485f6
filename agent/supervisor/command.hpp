// A command of the operator's, run to its end or to its limit.
#pragma once

#include "agent/failure.hpp"
#include "agent/supervisor/descriptor.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace sealring::agent {

/// Killed with its process group, and reaped, when destroyed before it has ended.
class command {
public:
  using clock = std::chrono::steady_clock;

  /// A program, looked for in PATH, and its arguments: no shell. It leads a process group of its own, reads nothing, and what
  /// it writes comes here; its folder is "/". Failure if it cannot be started.
  [[nodiscard]] static result<command> start(const std::vector<std::string>& arguments,
                                             const std::vector<std::string>& environment, std::chrono::seconds limit);

  command(command&&) noexcept;
  command& operator=(command&&) noexcept;
  ~command();

  /// Readable when there is something for `look` to see; -1: not.
  [[nodiscard]] int output() const noexcept { return output_.get(); }
  [[nodiscard]] int pidfd() const noexcept { return pidfd_.get(); }
  /// When `look` kills it.
  [[nodiscard]] clock::time_point deadline() const noexcept { return deadline_; }

  /// Never blocks. How it has ended, if it has: a failure has its exit status and the last 500 characters that it wrote. What
  /// it leaves behind in the background, and does not belong to a command that was killed, goes on.
  [[nodiscard]] std::optional<result<void>> look(clock::time_point now);

private:
  command() = default;
  void read_output();
  void kill_group();
  [[nodiscard]] failure failed(const std::string& how) const;

  pid_t pid_ = -1;
  descriptor pidfd_;
  descriptor output_;
  std::string said_;
  std::string program_;
  std::chrono::seconds limit_{};
  clock::time_point deadline_{};
};

}  // namespace sealring::agent

// A role as a process of its own.
#pragma once

#include "agent/failure.hpp"
#include "agent/supervisor/descriptor.hpp"
#include "agent/supervisor/descriptors.hpp"
#include "agent/supervisor/users.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace sealring::agent {

struct child_plan {
  descriptor program;                    ///< of role_program.hpp
  std::vector<std::string> arguments;    ///< its own name, "--config", FILE; "--descriptors" and its value are added
  std::vector<std::string> environment;  ///< all of it: see environment.hpp
  std::vector<int> listeners;            ///< of listeners.hpp; they stay open here
  std::optional<user> as;                ///< whom it becomes before the program starts
  std::filesystem::path pin;             ///< a file that only we may read, handed over open; empty: none
  keep left = keep::nothing;             ///< to it, where it becomes another user
  std::string name = "child";            ///< in messages
};

/// What else a child may be given: see keeper_descriptors.
struct child_ends {
  descriptor link;
  descriptor links;
};

/// How a process has ended.
struct ending {
  int status = 0;  ///< of exit
  int signal = 0;  ///< that killed it; 0: none
  [[nodiscard]] bool operator_needed() const noexcept;
  [[nodiscard]] std::string text() const;  ///< "exited with status 1", "was killed by signal 9 (Killed)"
};

/// A running child, killed and reaped when destroyed. It is told to end (SIGTERM) when the *thread* that started it ends: start
/// it from one that lives as long as it is needed.
class child {
public:
  /// The ends become the child's. Descriptors begin at 10, all others are closed, all signals are as a
  /// program expects them, and it leads a session of its own, so that a terminal's Ctrl-C reaches the supervisor alone. Failure
  /// if the program could not be started, or could not become the user.
  [[nodiscard]] static result<child> start(const child_plan&, child_ends = {});

  child(child&&) noexcept;
  child& operator=(child&&) noexcept;
  ~child();

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  /// Readable when it has ended.
  [[nodiscard]] int pidfd() const noexcept { return pidfd_.get(); }
  /// What it writes to show that it is well; nonblocking.
  [[nodiscard]] int alive() const noexcept { return alive_.get(); }

  void send(int signal) const noexcept;
  /// Reaps it if it has ended within `patience`. After that there is nothing to signal any more.
  [[nodiscard]] std::optional<ending> wait(std::chrono::milliseconds patience);

private:
  child() = default;
  pid_t pid_ = -1;
  descriptor pidfd_;
  descriptor alive_;
};

}  // namespace sealring::agent

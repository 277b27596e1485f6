// What the keeper and the manager give up before they meet anything hostile.
//
// seccomp: only the system calls of the list in system_calls.hpp. All others fail with EPERM, so that a vendor's module sees an
// error rather than dies, and the last one is known by name. Landlock: only the files that a role needs, where the kernel has
// it.
#pragma once

#include "agent/failure.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sealring::agent {

struct keeper_sandbox {
  bool network = false;                        ///< [hsm] network: AF_INET, AF_INET6, AF_NETLINK and AF_VSOCK beside AF_UNIX
  std::vector<std::filesystem::path> paths;    ///< [hsm] paths: to read and write. Empty: files are not restricted
  std::vector<std::filesystem::path> devices;  ///< [hsm] devices, likewise; alone they restrict nothing
  std::vector<std::filesystem::path> read;     ///< where there are paths: the configuration's folder, the module's
  std::vector<std::filesystem::path> write;    ///< where there are paths: the keeper's own state, the audit log's folder
};

struct manager_sandbox {
  std::vector<std::filesystem::path> read;   ///< configuration, beside what every program reads
  std::vector<std::filesystem::path> write;  ///< store, live
  /// PIN file, token, bad-PIN mark, audit log. One that lies in a folder to be read is left out of it: that folder's other
  /// files are then allowed one by one as they are now. One in a folder to be written cannot be, and `says` tells.
  std::vector<std::filesystem::path> never;
};

/// The walls as they stand, and what has run against them. They stay up when this goes, only calls are no longer named.
class sealed {
public:
  /// One line for start-up: what holds, and what this kernel has not.
  [[nodiscard]] const std::string& says() const noexcept;
  /// "socket(AF_INET)", "execve": the last system call that was refused in this process or its children. Safe from any thread.
  [[nodiscard]] std::optional<std::string> last_blocked_call() const;
  /// How many were: whether the last one belongs to what has just failed.
  [[nodiscard]] std::uint64_t blocked_calls() const noexcept;

  sealed(sealed&&) noexcept;
  sealed& operator=(sealed&&) noexcept;
  ~sealed();

private:
  friend class sealer;
  struct state;
  explicit sealed(std::shared_ptr<state>);
  std::shared_ptr<state> state_;
};

/// Each seals the process for good. To be called by its only thread, after harden_process; it starts one, which names blocked
/// calls and handles no signals. condition::operator_needed if the kernel has no seccomp, or a path of the configuration is not
/// there, or another thread runs.
[[nodiscard]] result<sealed> seal_keeper(const keeper_sandbox&);
[[nodiscard]] result<sealed> seal_manager(const manager_sandbox&);

}  // namespace sealring::agent

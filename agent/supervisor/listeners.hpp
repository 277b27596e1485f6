// The sockets that clients call. The supervisor opens them, and they outlive every keeper that answers them.
#pragma once

#include "agent/failure.hpp"
#include "agent/supervisor/descriptor.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace sealring::agent {

/// A listening stream socket of AF_UNIX: nonblocking, close-on-exec.
struct listener {
  descriptor socket;
  std::string address;  ///< an absolute path, or "@name" for an abstract one
};

/// What systemd has opened for us (sd_listen_fds), told apart by FileDescriptorName: "sign" and "control".
struct activated_listeners {
  std::vector<listener> sign;
  std::vector<listener> control;
};

/// Takes them over, once: the variables that announce them are removed from the environment. Empty if there are none.
/// condition::operator_needed if one is no listening stream socket of AF_UNIX, or has another name.
[[nodiscard]] result<activated_listeners> take_activated();

/// Who may connect, by the file system's rights, and the key of [agent] that messages name.
struct access {
  mode_t mode;
  std::optional<gid_t> group;  ///< absent: our own
  std::string_view key;
};

/// Anybody: the keeper judges callers by SO_PEERCRED.
inline constexpr access sign_access{0666, {}, "listen"};
/// 0660, and of the group `sealring` where we can give it that.
[[nodiscard]] access control_access();

/// Opens a socket. Its folder is made with mode 0755 if missing. A socket whose owner has died is replaced, at once and without
/// a moment in which there is none; one that is answered is refused after a second with condition::operator_needed, and the
/// message says by which process.
[[nodiscard]] result<listener> open_listener(const std::string& address, const access& = sign_access);

/// Those of `addresses` that are not among `activated`, opened, and after them the activated ones.
[[nodiscard]] result<std::vector<listener>> open_listeners(const std::vector<std::string>& addresses,
                                                           std::vector<listener> activated = {}, const access& = sign_access);

/// Their numbers, for a child.
[[nodiscard]] std::vector<int> numbers(const std::vector<listener>&);

}  // namespace sealring::agent

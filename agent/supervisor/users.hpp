// The users that the roles run as. Under one user, a process can read the memory of another, whatever either does against it.
#pragma once

#include "agent/failure.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace sealring::agent {

inline constexpr std::string_view keeper_user = "sealring-keeper";
inline constexpr std::string_view manager_user = "sealring";

struct user {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;  ///< supplementary ones, as the group database has them: access to a token may need one
};

/// condition::operator_needed if there is no such user.
[[nodiscard]] result<user> find_user(std::string_view name);

/// By name or number. condition::operator_needed if there is no such group.
[[nodiscard]] result<gid_t> find_group(const std::string& name);

/// Who runs what.
struct walls {
  bool separate = false;
  std::optional<user> keeper;   ///< set if separate
  std::optional<user> manager;  ///< set if separate
  std::string says;  ///< one plain line for start-up: that there are walls, or that there are none, why, and the way to some
};

/// Whether the roles can have users of their own: only root can give them, and both must exist, differ, and not be root.
[[nodiscard]] walls find_walls(std::string_view keeper = keeper_user, std::string_view manager = manager_user);

/// What is left of root to a process that has become another user.
enum class keep {
  nothing,
  low_ports  ///< CAP_NET_BIND_SERVICE, through exec too, as far as this process has it: http-01 is asked for at port 80
};

/// Makes this process that user's, for good, with no capability but those to be kept. Safe between fork and exec. 0, or what
/// errno says; after a failure the process may be half one and half the other, and must end.
[[nodiscard]] int become(const user&, keep = keep::nothing) noexcept;

}  // namespace sealring::agent

// Who is at the other end of a socket, from /proc.
#pragma once

#include "agent/keeper/audit/record.hpp"

#include <sys/socket.h>

namespace sealring::agent::audit {

/// What SO_PEERCRED said, with start time, comm and cgroup where /proc tells them. Reads three files: once a connection is
/// enough.
[[nodiscard]] peer describe(const ucred&);

}  // namespace sealring::agent::audit

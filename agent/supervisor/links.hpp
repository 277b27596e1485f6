// The link between manager and keeper, renewed with each of them.
//
// A socket pair dies with either end's process. Under a supervisor both have a channel to it instead, on which each is given
// its end of a new link whenever either has been started; that the old one is dead they see by the end of its stream.
#pragma once

#include "agent/failure.hpp"
#include "agent/supervisor/descriptor.hpp"

#include <optional>
#include <utility>

#include <sys/socket.h>

namespace sealring::agent {

/// A pair of connected sockets, close-on-exec: SOCK_STREAM for a link, SOCK_SEQPACKET for a channel.
[[nodiscard]] result<std::pair<descriptor, descriptor>> socket_pair(int type);

/// One end, and whose the other is: the kernel's own word for it (SO_PEERCRED) is of whoever has made the pair.
struct link_end {
  descriptor socket;
  ucred other{};
};

/// Sends one end of a link. Never blocks: a role that takes none off its channel is sent no more.
[[nodiscard]] result<void> send_link(int channel, const link_end&);

/// Our end of the next link: waits for it if `channel` is blocking, else empty if there is none yet.
/// condition::retry_later when the supervisor has gone.
[[nodiscard]] result<std::optional<link_end>> receive_link(int channel);

}  // namespace sealring::agent

// The link between manager and keeper, renewed with each of them.
//
// A socket pair dies with either end's process. Under a supervisor both have a channel to it instead, on which each is given
// its end of a new link whenever either has been started; that the old one is dead they see by the end of its stream. On the
// manager's channel its requests and their answers go, too: requests.hpp.
#pragma once

#include "agent/failure.hpp"
#include "agent/supervisor/descriptor.hpp"

#include <optional>
#include <string>
#include <string_view>
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

/// What has come over a channel: a link, or a message of requests.hpp where `link` has no socket.
struct delivery {
  link_end link;
  std::string message;
};

/// Like receive_link, of either kind.
[[nodiscard]] result<std::optional<delivery>> receive(int channel);

/// Never blocks: a message that does not fit is not sent. condition::retry_later then, and when the other side has gone.
[[nodiscard]] result<void> send_message(int channel, std::string_view message);

}  // namespace sealring::agent

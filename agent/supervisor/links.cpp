#include "agent/supervisor/links.hpp"

#include <array>
#include <cerrno>
#include <cstring>

namespace sealring::agent {
namespace {

// Whose the other end is, with one descriptor beside it.
struct message {
  ucred other{};
  iovec part{&other, sizeof other};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr header{};
  message() {
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
  }
};

}  // namespace

result<std::pair<descriptor, descriptor>> socket_pair(int type) {
  int ends[2];
  if (::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends) != 0) return system_failure(errno, "cannot make a pair of sockets");
  return std::pair{descriptor(ends[0]), descriptor(ends[1])};
}

result<void> send_link(int channel, const link_end& link) {
  message m;
  m.other = link.other;
  cmsghdr* const right = CMSG_FIRSTHDR(&m.header);
  right->cmsg_level = SOL_SOCKET;
  right->cmsg_type = SCM_RIGHTS;
  right->cmsg_len = CMSG_LEN(sizeof(int));
  const int fd = link.socket.get();
  std::memcpy(CMSG_DATA(right), &fd, sizeof fd);
  if (::sendmsg(channel, &m.header, MSG_NOSIGNAL | MSG_DONTWAIT) != static_cast<ssize_t>(sizeof m.other)) {
    return system_failure(errno, "cannot send the link between keeper and manager");
  }
  return {};
}

result<std::optional<link_end>> receive_link(int channel) {
  message m;
  ssize_t got = 0;
  do got = ::recvmsg(channel, &m.header, MSG_CMSG_CLOEXEC);
  while (got < 0 && errno == EINTR);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return std::optional<link_end>();
  if (got < 0) return system_failure(errno, "cannot receive the link between keeper and manager");
  if (got == 0) return fail(condition::retry_later, "the supervisor has gone");
  const cmsghdr* const right = CMSG_FIRSTHDR(&m.header);
  if (!right || right->cmsg_level != SOL_SOCKET || right->cmsg_type != SCM_RIGHTS || right->cmsg_len != CMSG_LEN(sizeof(int))) {
    return fail(condition::peer_fault, "the supervisor sent a message without a link");
  }
  int fd = -1;
  std::memcpy(&fd, CMSG_DATA(right), sizeof fd);
  descriptor socket(fd);
  if (got != static_cast<ssize_t>(sizeof m.other)) return fail(condition::peer_fault, "the supervisor sent half a message");
  return std::optional(link_end{std::move(socket), m.other});
}

}  // namespace sealring::agent

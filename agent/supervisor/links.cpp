#include "agent/supervisor/links.hpp"

#include <array>
#include <cerrno>
#include <cstring>

#include <sys/socket.h>

namespace sealring::agent {
namespace {

// One byte, for a message must not be empty, with one descriptor beside it.
struct message {
  char byte = 'L';
  iovec part{&byte, 1};
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

result<void> send_link(int channel, const descriptor& link) {
  message m;
  cmsghdr* const right = CMSG_FIRSTHDR(&m.header);
  right->cmsg_level = SOL_SOCKET;
  right->cmsg_type = SCM_RIGHTS;
  right->cmsg_len = CMSG_LEN(sizeof(int));
  const int fd = link.get();
  std::memcpy(CMSG_DATA(right), &fd, sizeof fd);
  if (::sendmsg(channel, &m.header, MSG_NOSIGNAL | MSG_DONTWAIT) != 1) {
    return system_failure(errno, "cannot send the link between keeper and manager");
  }
  return {};
}

result<std::optional<descriptor>> receive_link(int channel) {
  message m;
  ssize_t got = 0;
  do got = ::recvmsg(channel, &m.header, MSG_CMSG_CLOEXEC);
  while (got < 0 && errno == EINTR);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return std::optional<descriptor>();
  if (got < 0) return system_failure(errno, "cannot receive the link between keeper and manager");
  if (got == 0) return fail(condition::retry_later, "the supervisor has gone");
  const cmsghdr* const right = CMSG_FIRSTHDR(&m.header);
  if (!right || right->cmsg_level != SOL_SOCKET || right->cmsg_type != SCM_RIGHTS || right->cmsg_len != CMSG_LEN(sizeof(int))) {
    return fail(condition::peer_fault, "the supervisor sent a message without a link");
  }
  int fd = -1;
  std::memcpy(&fd, CMSG_DATA(right), sizeof fd);
  return std::optional(descriptor(fd));
}

}  // namespace sealring::agent

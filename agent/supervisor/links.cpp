#include "agent/supervisor/links.hpp"

#include "agent/supervisor/requests.hpp"

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

result<std::optional<delivery>> receive(int channel) {
  delivery out;
  out.message.resize(longest_message + 1);
  message m;
  m.part = {out.message.data(), out.message.size()};
  m.header.msg_controllen = CMSG_LEN(sizeof(int));  // room for one: the kernel closes what else a stranger sends
  ssize_t got = 0;
  do got = ::recvmsg(channel, &m.header, MSG_CMSG_CLOEXEC);
  while (got < 0 && errno == EINTR);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return std::optional<delivery>();
  if (got < 0 && errno != ECONNRESET) return system_failure(errno, "cannot receive from the other end of a channel");
  if (got <= 0) return fail(condition::retry_later, "the other end of the channel has gone");
  out.message.resize(static_cast<std::size_t>(got));  // too long by one, if it was cut: no parser takes it
  const cmsghdr* const right = CMSG_FIRSTHDR(&m.header);
  if (!right) return std::optional(std::move(out));
  if (right->cmsg_level != SOL_SOCKET || right->cmsg_type != SCM_RIGHTS || right->cmsg_len != CMSG_LEN(sizeof(int)))
    return fail(condition::peer_fault, "the other end of the channel sent what is no link");
  int fd = -1;
  std::memcpy(&fd, CMSG_DATA(right), sizeof fd);
  out.link.socket = descriptor(fd);
  if (out.message.size() != sizeof out.link.other)
    return fail(condition::peer_fault, "the other end of the channel sent half a link");
  std::memcpy(&out.link.other, out.message.data(), sizeof out.link.other);
  out.message.clear();
  return std::optional(std::move(out));
}

result<std::optional<link_end>> receive_link(int channel) {
  auto got = receive(channel);
  if (!got) return got.error();
  if (!*got) return std::optional<link_end>();
  if (!(*got)->link.socket) return fail(condition::peer_fault, "the supervisor sent a message without a link");
  return std::optional(std::move((*got)->link));
}

result<void> send_message(int channel, std::string_view message) {
  if (::send(channel, message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT) == static_cast<ssize_t>(message.size()))
    return {};
  if (errno == EAGAIN || errno == EPIPE || errno == ECONNRESET)
    return fail(condition::retry_later, std::string("a message was not taken: ") + std::strerror(errno));
  return system_failure(errno, "cannot send a message");
}

}  // namespace sealring::agent

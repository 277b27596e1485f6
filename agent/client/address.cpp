#include "agent/client/address.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace sealring::inline v0::client {
namespace {

using std::chrono::microseconds;
using wire::errc;

refusal at(const address& where, errc code, const std::string& why) {
  return {code, "cannot reach the keeper at " + where.text() + ": " + why};
}

refusal not_connected(const address& where, int error) {
  const auto why = std::generic_category().message(error);
  if (error == EACCES || error == EPERM)
    return at(where, errc::no_access, why + "; the socket's owner, group and mode say who may connect");
  return at(where, errc::unreachable, why + "; see whether the agent is running");
}

result<void> check_peer(int fd, const address& where, const expected_uids& expected) {
  if (!expected) return {};
  const auto uid = uid_of_listener(fd);
  if (!uid) return not_connected(where, errno);
  if (std::ranges::find(*expected, *uid) != expected->end()) return {};
  return at(where, errc::wrong_peer, "uid " + std::to_string(*uid) + " listens there, which is not the keeper's");
}

// A Unix socket whose backlog is full cannot be polled for room. A blocking connect() waits for it, as long as SO_SNDTIMEO
// says.
result<descriptor> connect(const address& where, const expected_uids& expected, bool wait, instant deadline) {
  descriptor fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | (wait ? 0 : SOCK_NONBLOCK), 0)};
  if (!fd) return not_connected(where, errno);
  for (;;) {
    if (wait) {
      const auto left = std::chrono::duration_cast<microseconds>(deadline - std::chrono::steady_clock::now());
      if (left <= microseconds{0})
        return at(where, errc::timed_out, "it accepts no connections; it may be overloaded or stopped");
      const timeval limit{.tv_sec = left.count() / 1'000'000, .tv_usec = left.count() % 1'000'000};
      if (::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) != 0) return not_connected(where, errno);
    }
    if (::connect(fd.get(), where.raw(), where.size()) == 0) break;
    if (errno == EINTR || (wait && errno == EAGAIN)) continue;
    if (errno == EAGAIN) return at(where, errc::timed_out, "its backlog is full");
    return not_connected(where, errno);
  }
  if (auto right = check_peer(fd.get(), where, expected); !right) return right.error();
  return fd;
}

}  // namespace

descriptor::~descriptor() {
  if (fd_ >= 0) ::close(fd_);  // never shutdown(): after fork() the connection is the other process's too
}

std::optional<uid_t> uid_of_listener(int fd) noexcept {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return std::nullopt;
  return peer.uid;
}

int milliseconds_until(instant deadline) noexcept {
  using std::chrono::milliseconds;
  const auto left = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now()).count();
  return static_cast<int>(std::clamp<decltype(left)>(left, 0, 1'000'000'000));
}

result<address> address::parse(std::string_view text) {
  address a;
  const bool abstract = text.starts_with('@');
  // An abstract name has no terminating zero, and may hold zeros itself; ours do not. A path must leave room for one.
  if ((!abstract && !text.starts_with('/')) || text.size() < 2 || text.size() >= sizeof a.value_.sun_path ||
      text.find('\0') != std::string_view::npos)
    return refusal{errc::bad_address, "not a socket's address, \"" + std::string{text} +
                                          "\": give an absolute path of at most " +
                                          std::to_string(sizeof a.value_.sun_path - 1) + " bytes, or @ and an abstract name"};
  a.text_ = text;
  a.value_.sun_family = AF_UNIX;
  std::memcpy(a.value_.sun_path, text.data(), text.size());
  if (abstract) a.value_.sun_path[0] = '\0';
  a.size_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + text.size() + (abstract ? 0 : 1));
  return a;
}

result<std::vector<address>> address::parse(std::span<const std::string> texts) {
  std::vector<address> all;
  for (const auto& text : texts) {
    auto one = parse(text);
    if (!one) return std::move(one).error();
    all.push_back(*std::move(one));
  }
  return all;
}

const sockaddr* address::raw() const noexcept { return reinterpret_cast<const sockaddr*>(&value_); }

result<descriptor> dial(const std::vector<address>& addresses, const expected_uids& expected, instant deadline) {
  refusal first{errc::unreachable, "no address of a keeper is given"};
  const address* full = nullptr;
  for (const auto& where : addresses) {
    auto fd = connect(where, expected, false, deadline);
    if (fd) return fd;
    if (fd.error().code == errc::timed_out && full == nullptr) full = &where;
    if (&where == &addresses.front()) first = std::move(fd).error();
  }
  if (full != nullptr) return connect(*full, expected, true, deadline);
  return first;
}

}  // namespace sealring::inline v0::client

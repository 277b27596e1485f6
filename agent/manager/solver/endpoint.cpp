#include "agent/manager/solver/endpoint.hpp"

#include "agent/text.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>

namespace sealring::agent {
namespace {

failure passing(int error, const std::string& doing) {
  return fail(condition::retry_later, doing + ": " + std::generic_category().message(error));
}

bool interrupted(int error) { return error == EINTR || error == EAGAIN || error == EWOULDBLOCK; }

}  // namespace

endpoint::endpoint(std::string_view address, std::uint16_t port) {
  const std::string text(address);
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  if (::inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    std::memcpy(&storage_, &v4, size_ = sizeof v4);
  } else if (::inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    std::memcpy(&storage_, &v6, size_ = sizeof v6);
  }
}

std::string endpoint::address() const {
  char text[INET6_ADDRSTRLEN] = {};
  if (storage_.ss_family == AF_INET6)
    ::inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(&storage_)->sin6_addr, text, sizeof text);
  else ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(&storage_)->sin_addr, text, sizeof text);
  return text;
}

std::uint16_t endpoint::port() const noexcept {
  return ntohs(storage_.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6*>(&storage_)->sin6_port
                                              : reinterpret_cast<const sockaddr_in*>(&storage_)->sin_port);
}

std::string endpoint::text() const {
  const bool v6 = storage_.ss_family == AF_INET6;
  return (v6 ? "[" : "") + address() + (v6 ? "]:" : ":") + std::to_string(port());
}

result<endpoint> parse_endpoint(std::string_view text, std::uint16_t port_if_none) {
  if (const endpoint bare(text, port_if_none); bare.valid()) return bare;
  const auto colon = text.rfind(':');
  std::uint16_t port = 0;
  if (colon != std::string_view::npos) {
    std::string_view host = text.substr(0, colon);
    const std::string_view digits = text.substr(colon + 1);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    else if (host.find(':') != std::string_view::npos) host = {};
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    const endpoint whole(host, port);
    if (error == std::errc{} && end == digits.data() + digits.size() && port > 0 && whole.valid()) return whole;
  }
  return fail(condition::bad_input,
              quote(text) + " is no address; write \"192.0.2.1\", \"192.0.2.1:53\" or \"[2001:db8::1]:53\"");
}

bool wait_for(int socket, short events, deadline until) noexcept {
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
    pollfd one{socket, events, 0};
    const int ready = ::poll(&one, 1, static_cast<int>(std::clamp<long long>(left, 0, 60'000)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
    if (left <= 0) return false;
  }
}

result<descriptor> connect_to(const endpoint& to, int type, deadline until) {
  const std::string doing = "cannot reach " + to.text();
  descriptor socket(::socket(to.get()->sa_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return passing(errno, doing);
  if (::connect(socket.get(), to.get(), to.size()) == 0) return socket;
  if (errno != EINPROGRESS) return passing(errno, doing);
  if (!wait_for(socket.get(), POLLOUT, until)) return passing(ETIMEDOUT, doing);
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error != 0) return passing(error, doing);
  return socket;
}

result<void> send_all(int socket, std::string_view data, deadline until) {
  while (!data.empty()) {
    const ssize_t sent = ::send(socket, data.data(), data.size(), MSG_NOSIGNAL);
    if (sent > 0) data.remove_prefix(static_cast<std::size_t>(sent));
    else if (!interrupted(errno)) return passing(errno, "cannot send");
    else if (!wait_for(socket, POLLOUT, until)) return passing(ETIMEDOUT, "cannot send");
  }
  return {};
}

result<void> receive_all(int socket, char* data, std::size_t size, deadline until) {
  while (size > 0) {
    const ssize_t got = ::recv(socket, data, size, 0);
    if (got == 0) return passing(ECONNRESET, "no whole answer");
    if (got > 0) {
      data += got;
      size -= static_cast<std::size_t>(got);
    } else if (!interrupted(errno)) {
      return passing(errno, "no answer");
    }
    // Also while something comes: a peer that sends an octet now and then must not hold us.
    if (size > 0 && !wait_for(socket, POLLIN, until)) return passing(ETIMEDOUT, "no answer");
  }
  return {};
}

}  // namespace sealring::agent

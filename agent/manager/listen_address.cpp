#include "agent/manager/listen_address.hpp"

#include "agent/text.hpp"

#include <cerrno>
#include <charconv>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sealring::agent {
namespace {

// Large enough for both kinds, and for what bind(2) wants to see.
union socket_address {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

struct endpoint {
  socket_address address{};
  bool both_kinds = false;
};

result<endpoint> parse_endpoint(std::string_view text) {
  const auto bad = [&] {
    return fail(condition::bad_input,
                quote(text) + " is no address to listen on; write \"0.0.0.0:80\", \"[::1]:80\", or \":80\" for all addresses");
  };
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return bad();
  std::string host(text.substr(0, colon));
  const std::string_view digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size()) return bad();

  endpoint e;
  e.both_kinds = host.empty();
  if (e.both_kinds || host.front() == '[') {
    e.address.v6.sin6_family = AF_INET6;
    e.address.v6.sin6_port = htons(port);
    if (e.both_kinds) return e;  // in6addr_any is all zero
    if (host.back() != ']') return bad();
    host = host.substr(1, host.size() - 2);
    if (::inet_pton(AF_INET6, host.c_str(), &e.address.v6.sin6_addr) != 1) return bad();
  } else {
    e.address.v4.sin_family = AF_INET;
    e.address.v4.sin_port = htons(port);
    if (::inet_pton(AF_INET, host.c_str(), &e.address.v4.sin_addr) != 1) return bad();
  }
  return e;
}

failure cannot_listen(int error, std::string_view address) {
  std::string what = "cannot listen on " + quote(address);
  const std::string port(address.substr(address.rfind(':') + 1));
  switch (error) {
    case EACCES:
      return fail(condition::operator_needed, what +
                                                  ": a port below 1024 needs root or CAP_NET_BIND_SERVICE; run as root, or "
                                                  "give the right with setcap(8) or systemd's AmbientCapabilities");
    case EADDRINUSE:
      return fail(condition::operator_needed,
                  what + ": another program has the port; \"ss -ltnp sport = :" + port +
                      "\" shows which; stop it, or choose another address and lead the CA's port 80 there");
    case EADDRNOTAVAIL:
      return fail(condition::operator_needed,
                  what + ": no interface of this machine has that address; \"ip address\" shows those there are");
    default: return system_failure(error, std::move(what));
  }
}

// -1 and errno, or a socket.
int open_socket(const endpoint& e) noexcept {
  const int socket = ::socket(e.address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return -1;
  const int on = 1;
  const int v6_only = e.both_kinds ? 0 : 1;
  const bool is_v6 = e.address.any.sa_family == AF_INET6;
  const socklen_t size = is_v6 ? sizeof e.address.v6 : sizeof e.address.v4;
  if (::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
      (!is_v6 || ::setsockopt(socket, IPPROTO_IPV6, IPV6_V6ONLY, &v6_only, sizeof v6_only) == 0) &&
      ::bind(socket, &e.address.any, size) == 0 && ::listen(socket, 64) == 0) {
    return socket;
  }
  const int error = errno;
  ::close(socket);
  errno = error;
  return -1;
}

}  // namespace

result<int> listen_on(std::string_view address) {
  auto e = parse_endpoint(address);
  if (!e) return e.error();
  int socket = open_socket(*e);
  if (socket < 0 && e->both_kinds && (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL)) {
    // A machine whose IPv6 is switched off has no dual-stack sockets; all its addresses are IPv4.
    const in_port_t port = e->address.v6.sin6_port;
    e->address = {};
    e->address.v4.sin_family = AF_INET;
    e->address.v4.sin_port = port;
    socket = open_socket(*e);
  }
  if (socket < 0) return cannot_listen(errno, address);
  return socket;
}

std::uint16_t port_of(int socket) noexcept {
  socket_address address{};
  socklen_t size = sizeof address;
  if (::getsockname(socket, &address.any, &size) != 0) return 0;
  return ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port : address.v4.sin_port);
}

}  // namespace sealring::agent

#include "agent/supervisor/systemd.hpp"

#include "agent/text.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace sealring::agent {

namespace {

constexpr int first_socket = 3;  // SD_LISTEN_FDS_START

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string{} : value;
}

/// 0 for what is no number.
std::uint64_t number_in(const char* name) {
  const std::string text = variable(name);
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size() ? out : 0;
}

bool means_us(const char* name) { return number_in(name) == static_cast<std::uint64_t>(::getpid()); }

}  // namespace

void notify_systemd(const std::string& text) {
  std::string address = variable("NOTIFY_SOCKET");
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  if (address.size() < 2 || address.size() >= sizeof to.sun_path) return;
  if (address.front() == '@') address.front() = '\0';
  else if (address.front() != '/') return;
  std::memcpy(to.sun_path, address.data(), address.size());
  const descriptor socket{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  if (!socket) return;
  static_cast<void>(::sendto(socket.get(), text.data(), text.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&to),
                             static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size())));
}

std::chrono::microseconds systemd_watchdog() {
  if (!variable("WATCHDOG_PID").empty() && !means_us("WATCHDOG_PID")) return {};
  return std::chrono::microseconds{number_in("WATCHDOG_USEC")};
}

result<std::vector<systemd_socket>> take_systemd_sockets() {
  std::vector<systemd_socket> out;
  const bool ours = means_us("LISTEN_PID");
  const std::uint64_t count = number_in("LISTEN_FDS");
  const bool counted = count != 0 || variable("LISTEN_FDS") == "0";
  const std::string names = variable("LISTEN_FDNAMES");
  for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) ::unsetenv(name);
  if (!ours) return out;
  if (!counted) return fail(condition::operator_needed, "LISTEN_FDS, by which systemd hands sockets over, is no number");
  std::size_t at = 0;
  for (int fd = first_socket; out.size() < count; ++fd) {
    const std::size_t end = std::min(names.find(':', at), names.size());
    if (at > names.size() || ::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
      return fail(condition::operator_needed, "cannot take over the sockets that systemd has opened: not " +
                                                  std::to_string(count) + ", by the names " + quote(names));
    out.push_back({descriptor{fd}, names.empty() ? "unknown" : names.substr(at, end - at)});
    at = names.empty() ? 0 : end + 1;
  }
  return out;
}

}  // namespace sealring::agent

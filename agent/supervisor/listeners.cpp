#include "agent/supervisor/listeners.hpp"

#include "agent/file.hpp"
#include "agent/supervisor/systemd.hpp"
#include "agent/supervisor/users.hpp"
#include "agent/text.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

namespace sealring::agent {
namespace fs = std::filesystem;
namespace {

// A predecessor killed together with its keeper may hold the address for a moment longer.
constexpr auto patience = std::chrono::seconds(1);

struct unix_address {
  sockaddr_un name{};
  socklen_t size = 0;
  [[nodiscard]] const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&name); }
};

result<unix_address> to_unix(const std::string& address) {
  unix_address out;
  out.name.sun_family = AF_UNIX;
  const bool abstract = address.starts_with('@');
  // unix(7): an abstract name begins with a zero octet and has no end mark; a path is best ended by one.
  const std::size_t length = address.size() + (abstract ? 0 : 1);
  if (address.size() < 2 || length > sizeof out.name.sun_path) {
    return fail(condition::bad_input, "the socket " + quote(address) + " cannot be opened: a name has 2 to 107 octets");
  }
  std::memcpy(out.name.sun_path, address.data(), address.size());
  if (abstract) out.name.sun_path[0] = '\0';
  out.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
  return out;
}

descriptor new_socket() { return descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)); }

// Who answers at the address; empty if nobody does.
std::string owner(const unix_address& at) {
  const descriptor probe = new_socket();
  if (!probe) return "a process that cannot be asked";
  // EAGAIN: somebody listens, and has no room for us now.
  if (::connect(probe.get(), at.get(), at.size) != 0 && errno != EAGAIN) {
    return errno == EACCES || errno == EPERM ? "a process of another user" : "";
  }
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(probe.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || peer.pid <= 0) return "another process";
  std::string who = "process " + std::to_string(peer.pid) + " of uid " + std::to_string(peer.uid);
  const auto name = read_file("/proc/" + std::to_string(peer.pid) + "/comm", 64);
  if (name && name->size() > 1) who += ", " + quote(one_line(name->substr(0, name->size() - 1)));
  return who;
}

// Tries until it is no longer taken, or patience has ended. `attempt` answers 0, or EADDRINUSE, or what else failed.
template <class F>
result<void> when_free(const std::string& address, const unix_address& at, const access& who_may, F attempt) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (true) {
    const int error = attempt();
    if (error == 0) return {};
    if (error != EADDRINUSE) return system_failure(error, "cannot open the socket " + quote(address));
    if (std::chrono::steady_clock::now() >= deadline) {
      const std::string who = owner(at);
      return fail(condition::operator_needed,
                  "cannot open the socket " + quote(address) + ": " + (who.empty() ? "another process" : who) +
                      " listens there; stop it, or choose another address in [agent] " + std::string(who_may.key));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

result<void> bind_abstract(int socket, const std::string& address, const unix_address& at, const access& who_may) {
  return when_free(address, at, who_may, [&] {
    if (::bind(socket, at.get(), at.size) != 0) return errno;
    return ::listen(socket, SOMAXCONN) == 0 ? 0 : errno;
  });
}

// The socket's file has a name that nobody knows until its rights are right.
bool give_rights(const std::string& path, const access& who_may) {
  const bool given = !who_may.group || ::lchown(path.c_str(), static_cast<uid_t>(-1), *who_may.group) == 0;
  return given && ::chmod(path.c_str(), who_may.mode) == 0;
}

result<void> bind_path(int socket, const std::string& address, const unix_address& at, const access& who_may) {
  const fs::path path = address;
  if (auto made = make_folders(path.parent_path()); !made) return made;
  // Two that start at once must not each find the address free. A lock on the folder leaves nothing behind.
  const descriptor folder{::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!folder || ::flock(folder.get(), LOCK_EX) != 0) {
    return system_failure(errno, "cannot lock the folder of " + quote(address));
  }
  const std::string fresh = (path.parent_path() / ".new").string();
  const auto temporary = to_unix(fresh);
  if (!temporary) return temporary.error();
  ::unlink(fresh.c_str());
  if (::bind(socket, temporary->get(), temporary->size) != 0) {
    return system_failure(errno, "cannot open the socket " + quote(address));
  }
  const auto placed = when_free(address, at, who_may, [&] {
    struct stat status{};
    if (::lstat(address.c_str(), &status) == 0) {
      if (!S_ISSOCK(status.st_mode)) return EEXIST;
      if (!owner(at).empty()) return EADDRINUSE;
    } else if (errno != ENOENT) {
      return errno;
    }
    const bool done =
        give_rights(fresh, who_may) && ::listen(socket, SOMAXCONN) == 0 && ::rename(fresh.c_str(), address.c_str()) == 0;
    return done ? 0 : errno;
  });
  if (!placed) ::unlink(fresh.c_str());
  return placed;
}

int option(int socket, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  return ::getsockopt(socket, SOL_SOCKET, name, &value, &size) == 0 ? value : -1;
}

bool listens_locally(int socket) {
  return option(socket, SO_DOMAIN) == AF_UNIX && option(socket, SO_TYPE) == SOCK_STREAM && option(socket, SO_ACCEPTCONN) == 1;
}

result<std::string> address_of(int socket) {
  unix_address at;
  at.size = sizeof at.name;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&at.name), &at.size) != 0) {
    return system_failure(errno, "cannot tell the address of a socket from systemd");
  }
  std::string name(at.name.sun_path, at.size - offsetof(sockaddr_un, sun_path));
  if (name.starts_with('\0')) {
    name[0] = '@';
  } else {
    name = name.c_str();  // up to the end mark, if the kernel has counted one
  }
  return name;
}

}  // namespace

result<activated_listeners> take_activated() {
  auto sockets = take_systemd_sockets();
  if (!sockets) return sockets.error();
  activated_listeners out;
  for (auto& [socket, name] : *sockets) {
    auto address = address_of(socket.get());
    if (!listens_locally(socket.get()) || !address)
      return fail(condition::operator_needed,
                  "the socket " + quote(name) + " from systemd is no listening stream socket of AF_UNIX; use ListenStream=");
    if (name != "sign" && name != "control")
      return fail(condition::operator_needed, "the socket " + quote(*address) + " from systemd is called " + quote(name) +
                                                  "; set FileDescriptorName= to \"sign\" or \"control\"");
    ::fcntl(socket.get(), F_SETFL, ::fcntl(socket.get(), F_GETFL) | O_NONBLOCK);
    (name == "sign" ? out.sign : out.control).push_back({std::move(socket), *std::move(address)});
  }
  return out;
}

access control_access() {
  const auto group = ::geteuid() == 0 ? find_group(std::string(manager_user)) : fail(condition::unsupported, "only root can");
  return {0660, group ? std::optional(*group) : std::nullopt, "control"};
}

result<listener> open_listener(const std::string& address, const access& who_may) {
  const auto at = to_unix(address);
  if (!at) return at.error();
  if (!address.starts_with('@') && !address.starts_with('/')) {
    return fail(condition::bad_input, "the socket " + quote(address) + " must be an absolute path or \"@name\"");
  }
  listener out{new_socket(), address};
  if (!out.socket) return system_failure(errno, "cannot open the socket " + quote(address));
  const auto bound = address.starts_with('@') ? bind_abstract(out.socket.get(), address, *at, who_may)
                                              : bind_path(out.socket.get(), address, *at, who_may);
  if (!bound) return bound.error();
  return out;
}

result<std::vector<listener>> open_listeners(const std::vector<std::string>& addresses, std::vector<listener> activated,
                                             const access& who_may) {
  std::vector<listener> out;
  for (const auto& address : addresses) {
    if (std::any_of(activated.begin(), activated.end(), [&](const auto& l) { return l.address == address; })) continue;
    auto opened = open_listener(address, who_may);
    if (!opened) return opened.error();
    out.push_back(*std::move(opened));
  }
  std::move(activated.begin(), activated.end(), std::back_inserter(out));
  return out;
}

std::vector<int> numbers(const std::vector<listener>& listeners) {
  std::vector<int> out;
  out.reserve(listeners.size());
  for (const auto& l : listeners) out.push_back(l.socket.get());
  return out;
}

}  // namespace sealring::agent

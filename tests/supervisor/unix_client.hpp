// What the tests of this folder share: a client of a socket, and what a process writes, waited for.
#pragma once

#include "agent/scratch.hpp"
#include "agent/supervisor/descriptor.hpp"

#include <cstddef>
#include <cstring>
#include <optional>
#include <string>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace sealring::test {

/// Invalid if nobody listens; errno says why.
inline agent::descriptor call(const std::string& address) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  REQUIRE(address.size() < sizeof name.sun_path);
  std::memcpy(name.sun_path, address.data(), address.size());
  const bool abstract = address.starts_with('@');
  if (abstract) name.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size() + (abstract ? 0 : 1));
  agent::descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&name), size) != 0) return {};
  return socket;
}

/// Up to the end of the line or of the stream. Empty if nothing comes in half a minute, which is a failure.
inline std::string read_line(int fd) {
  std::string line;
  char c = 0;
  while (true) {
    pollfd ready{fd, POLLIN, 0};
    if (::poll(&ready, 1, 30'000) != 1) return {};
    if (::read(fd, &c, 1) != 1 || c == '\n') return line;
    line += c;
  }
}

/// Both ends of a pipe.
struct line_pipe {
  agent::descriptor in, out;
  line_pipe() {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    in = agent::descriptor(ends[0]);
    out = agent::descriptor(ends[1]);
  }
};

}  // namespace sealring::test

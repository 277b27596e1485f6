// What a service and systemd tell each other: sd_notify(3), sd_watchdog_enabled(3), sd_listen_fds(3), by the protocols that
// these pages describe. libsystemd would do it, and bring three compressors and a crypto library.
#pragma once

#include "agent/failure.hpp"
#include "agent/supervisor/descriptor.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace sealring::agent {

/// "READY=1" and the like. Nothing is said where nobody has asked for it.
void notify_systemd(const std::string& text);

/// How long it waits for "WATCHDOG=1"; 0: it does not.
[[nodiscard]] std::chrono::microseconds systemd_watchdog();

struct systemd_socket {
  descriptor socket;  ///< close-on-exec
  std::string name;   ///< FileDescriptorName=
};

/// What it has opened for us. Once: the variables that announce it are removed from the environment.
[[nodiscard]] result<std::vector<systemd_socket>> take_systemd_sockets();

}  // namespace sealring::agent

// "ADDRESS:PORT" in sealring.toml, and the socket that listens there.
#pragma once

#include "agent/failure.hpp"

#include <cstdint>
#include <string_view>

namespace sealring::agent {

/// A listening TCP socket (close-on-exec) on "192.0.2.1:80", "[2001:db8::1]:80", or ":80" for every address of both kinds. The
/// failure says which right is missing, or how to find who has the port. The caller closes it.
[[nodiscard]] result<int> listen_on(std::string_view address);

/// The port of a socket; of use when the one asked for was 0.
[[nodiscard]] std::uint16_t port_of(int socket) noexcept;

}  // namespace sealring::agent

// Addresses to connect to, and sockets that never wait beyond a deadline.
#pragma once

#include "agent/failure.hpp"
#include "agent/supervisor/descriptor.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include <sys/socket.h>

namespace sealring::agent {

using deadline = std::chrono::steady_clock::time_point;

[[nodiscard]] inline deadline within(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }

/// An IP address and a port.
class endpoint {
public:
  /// `address` is without brackets; valid() is false if it is none.
  endpoint(std::string_view address, std::uint16_t port);

  [[nodiscard]] bool valid() const noexcept { return size_ > 0; }
  [[nodiscard]] std::string address() const;  ///< without brackets
  [[nodiscard]] std::uint16_t port() const noexcept;
  [[nodiscard]] std::string text() const;  ///< "192.0.2.1:53", "[2001:db8::1]:53"
  [[nodiscard]] const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&storage_); }
  [[nodiscard]] socklen_t size() const noexcept { return size_; }

private:
  sockaddr_storage storage_{};
  socklen_t size_ = 0;
};

/// "192.0.2.1", "192.0.2.1:5353", "2001:db8::1", "[2001:db8::1]:5353". condition::bad_input for all else.
[[nodiscard]] result<endpoint> parse_endpoint(std::string_view text, std::uint16_t port_if_none);

/// A socket that does not block, connected. The failure is what the system says, and condition::retry_later.
[[nodiscard]] result<descriptor> connect_to(const endpoint&, int type, deadline);

/// Until one of poll(2)'s events is there, or an error of the socket's. False when the deadline is over.
[[nodiscard]] bool wait_for(int socket, short events, deadline) noexcept;

/// Both fail like connect_to; a peer that closes before all is read is a failure too.
[[nodiscard]] result<void> send_all(int socket, std::string_view data, deadline);
[[nodiscard]] result<void> receive_all(int socket, char* data, std::size_t size, deadline);

}  // namespace sealring::agent

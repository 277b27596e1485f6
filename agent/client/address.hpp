// Where a keeper listens, and the connecting to it.
#pragma once

#include "agent/client/refusal.hpp"
#include "sealring/bytes.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <chrono>
#include <optional>
#include <utility>

namespace sealring::inline v0::client {

/// An open file that closes itself.
class descriptor {
public:
  descriptor() = default;
  explicit descriptor(int fd) noexcept : fd_{fd} {}
  descriptor(descriptor&& other) noexcept : fd_{other.release()} {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~descriptor();

  int get() const noexcept { return fd_; }
  int release() noexcept { return std::exchange(fd_, -1); }
  explicit operator bool() const noexcept { return fd_ >= 0; }

private:
  int fd_ = -1;
};

using instant = std::chrono::steady_clock::time_point;

/// What is left until then, rounded up, for poll().
[[nodiscard]] int milliseconds_until(instant) noexcept;

/// A Unix socket's address: an absolute path, or "@name" in the abstract namespace.
class address {
public:
  /// errc::bad_address.
  [[nodiscard]] static result<address> parse(std::string_view);
  [[nodiscard]] static result<std::vector<address>> parse(std::span<const std::string>);

  const std::string& text() const noexcept { return text_; }
  const sockaddr* raw() const noexcept;
  socklen_t size() const noexcept { return size_; }

private:
  address() = default;
  std::string text_;
  sockaddr_un value_{};
  socklen_t size_ = 0;
};

/// Who called listen() for the other end, or socketpair(); nothing where the system does not say. errno is set then.
[[nodiscard]] std::optional<uid_t> uid_of_listener(int fd) noexcept;

/// Whom a client will talk to, as uid_of_listener() tells: any uid if none is named.
using expected_uids = std::optional<std::vector<uid_t>>;

/// Connects to the first address that takes us. Where all who listen have a full backlog, waits for the first of those.
[[nodiscard]] result<descriptor> dial(const std::vector<address>&, const expected_uids&, instant deadline);

}  // namespace sealring::inline v0::client

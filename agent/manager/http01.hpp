// http-01 (RFC 8555 section 8.3): answers the CA's question at /.well-known/acme-challenge/TOKEN, and nothing else.
#pragma once

#include "agent/failure.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace sealring::agent {

/// Listens from `open` until it is destroyed, on a thread of its own. Its functions may be called from any thread.
class http01_listener {
public:
  /// `listen` is what listen_address.hpp says.
  [[nodiscard]] static result<http01_listener> open(std::string_view listen);

  http01_listener(http01_listener&&) noexcept;
  http01_listener& operator=(http01_listener&&) noexcept;
  ~http01_listener();

  /// From now on the token's resource is this key authorization (section 8.1).
  void add(std::string token, std::string key_authorization);
  void remove(std::string_view token);

  /// Where it listens; of use when the port asked for was 0.
  [[nodiscard]] std::uint16_t port() const noexcept;

private:
  struct server;
  explicit http01_listener(std::unique_ptr<server>) noexcept;
  std::unique_ptr<server> server_;
};

}  // namespace sealring::agent

// tls-alpn-01 (RFC 8737): shows the CA a certificate for the challenge in a TLS handshake, and does nothing else.
#pragma once

#include "agent/failure.hpp"
#include "sealring/x509/tls_alpn.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace sealring::agent {

/// Listens from `open` until it is destroyed, on a thread of its own. Its functions may be called from any thread.
class tls_alpn01_listener {
public:
  /// `listen` is what listen_address.hpp says.
  [[nodiscard]] static result<tls_alpn01_listener> open(std::string_view listen);

  tls_alpn01_listener(tls_alpn01_listener&&) noexcept;
  tls_alpn01_listener& operator=(tls_alpn01_listener&&) noexcept;
  ~tls_alpn01_listener();

  /// From now on whoever asks for this server name by "acme-tls/1" gets this certificate: the one added last, if several tokens
  /// are open for one name.
  void add(std::string server_name, std::string token, x509::tls_alpn_certificate);
  void remove(std::string_view server_name, std::string_view token);

  /// Where it listens; of use when the port asked for was 0.
  [[nodiscard]] std::uint16_t port() const noexcept;

private:
  struct server;
  explicit tls_alpn01_listener(std::unique_ptr<server>) noexcept;
  std::unique_ptr<server> server_;
};

}  // namespace sealring::agent

// A TLS server without a network: it has what openssl.cnf gives it, and shakes hands in memory.
#pragma once

#include "agent/failure.hpp"
#include "sealring/detail/openssl.hpp"

#include <openssl/ssl.h>

#include <filesystem>

namespace sealring::agent::doctor {

/// What OpenSSL's error queue says, for a person; and empties it.
[[nodiscard]] std::string last_words();

/// Of a provider that is not there although openssl.cnf could be read: OpenSSL goes on without, and keeps the reason to itself.
[[nodiscard]] std::string why_not_loaded(const std::string& openssl_conf);

class test_server {
public:
  /// Of a library context with this openssl.cnf.
  [[nodiscard]] static result<test_server> configured(const std::string& openssl_conf);

  /// OpenSSL 3.0 sorts its providers by their names where it looks for one: asked first, this mends a wrong order.
  [[nodiscard]] bool has(const char* provider) const noexcept;
  /// An ephemeral key of P-256, as each handshake wants one.
  [[nodiscard]] result<void> make_ephemeral_key() const;
  /// fullchain.pem and privkey.pem, by OpenSSL's own loaders.
  [[nodiscard]] result<void> load_key(const std::filesystem::path& live);
  [[nodiscard]] result<void> load_certificate(const std::filesystem::path& live);
  /// One handshake with a peer that has the default provider alone; as a client, whom the peer asks for a certificate, if
  /// that is what this one is for.
  [[nodiscard]] result<void> shake_hands(int version, bool as_client) const;

private:
  using library = sealring::detail::owned<OSSL_LIB_CTX, OSSL_LIB_CTX_free>;
  using tls_context = sealring::detail::owned<SSL_CTX, SSL_CTX_free>;

  test_server() = default;

  library library_;  // before what is made in it
  library peers_;
  sealring::detail::evp_pkey key_;
  tls_context context_;
};

}  // namespace sealring::agent::doctor

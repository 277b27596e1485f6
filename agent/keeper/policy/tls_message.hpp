// What a TLS key signs in a handshake (RFC 8446 section 4.4.3, RFC 8422 section 5.4, RFC 5246 section 7.4.8).
#pragma once

#include "agent/failure.hpp"
#include "sealring/bytes.hpp"

#include <string_view>

namespace sealring::agent::policy {

enum class tls_form : std::uint8_t {
  certificate_verify_13,   ///< 64 spaces, a context, 0, the transcript's hash
  server_key_exchange_12,  ///< both randoms and ECDHE parameters
  certificate_verify_12,   ///< the handshake from ClientHello to ClientKeyExchange
};

struct tls_message {
  tls_form form;
  std::string_view detail;  ///< for people: "TLS 1.2 ServerKeyExchange x25519"
};

/// What a server's key signs: TLS 1.3 CertificateVerify, or TLS 1.2 ServerKeyExchange with ECDHE on x25519, x448, P-256, P-384
/// or P-521, whose point is valid. DHE is refused, and so is what also reads as a DER SEQUENCE.
[[nodiscard]] result<tls_message> parse_tls_server_message(bytes_view);

/// What a client's key signs: TLS 1.3 CertificateVerify, or the whole of a TLS 1.2 handshake so far.
[[nodiscard]] result<tls_message> parse_tls_client_message(bytes_view);

}  // namespace sealring::agent::policy

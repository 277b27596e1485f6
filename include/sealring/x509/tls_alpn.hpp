// What a server shows for the tls-alpn-01 challenge (RFC 8737 section 3, and RFC 8738 section 6 for addresses).
#pragma once

#include "sealring/digest.hpp"
#include "sealring/x509/identifier.hpp"

namespace sealring::inline v0::x509 {

/// The ALPN protocol by which the CA asks; no application data is ever exchanged in it (RFC 8737 section 6.2).
inline constexpr std::string_view acme_tls_protocol = "acme-tls/1";

/// For an SSL_CTX. The key is a throw-away one, of this process's memory: no token's key signs what a CA has not asked for.
struct tls_alpn_certificate {
  sealring::detail::x509 certificate;
  sealring::detail::evp_pkey key;
};

/// The server name (SNI) that the CA sends: the name itself; for an address its name in the reverse tree. errc::bad_name for
/// a wildcard, which cannot be proved so.
[[nodiscard]] result<std::string> tls_alpn_server_name(const identifier& id);

/// A self-signed certificate for `id` alone. `key_authorization` is the hash of the challenge's key authorization.
[[nodiscard]] result<tls_alpn_certificate> make_tls_alpn_certificate(const identifier& id,
                                                                     const digest<sha256>& key_authorization);

}  // namespace sealring::inline v0::x509

#ifndef SEALRING_COMPILED
#include "sealring/x509/impl/tls_alpn.ipp"
#endif

// Extensions of certificates and requests (RFC 5280 section 4.2), as values: those that have no name here can be asked for and
// read all the same.
#pragma once

#include "sealring/detail/openssl.hpp"

namespace sealring::inline v0::x509 {

/// An extension of a certificate or a request (RFC 5280 section 4.2).
struct extension {
  std::string oid;        ///< extnID in dotted decimal
  bool critical = false;  ///< "a certificate-using system MUST reject the certificate if it encounters" one it does not know
  bytes value;            ///< "contains an ASN.1 structure [...] that is specific to" the extension: its DER

  friend bool operator==(const extension&, const extension&) = default;
};

inline constexpr std::string_view subject_alt_name_oid = "2.5.29.17";
inline constexpr std::string_view tls_feature_oid = "1.3.6.1.5.5.7.1.24";

/// The TLS feature status_request, "OCSP must-staple" (RFC 7633): servers must send a fresh OCSP response with the certificate.
/// CAs without OCSP refuse it.
[[nodiscard]] extension must_staple();

namespace detail {

/// OBJECT IDENTIFIER; empty for what is not in dotted decimal.
bytes oid_der(const std::string& dotted);

/// Extension ::= SEQUENCE { extnID, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }
void append_extension(bytes& out, bytes_view oid_der, bool critical, bytes_view value);

bool add_extension(X509* x509, const extension& e);

std::vector<extension> read_extensions(const STACK_OF(X509_EXTENSION) * list);

}  // namespace detail

}  // namespace sealring::inline v0::x509

#ifndef SEALRING_COMPILED
#include "sealring/x509/impl/extension.ipp"
#endif

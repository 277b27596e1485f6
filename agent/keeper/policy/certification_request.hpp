// Certification requests (PKCS#10, RFC 2986): what is signed, and the whole that finalize sends.
#pragma once

#include "agent/failure.hpp"
#include "sealring/bytes.hpp"
#include "sealring/x509/identifier.hpp"

#include <vector>

namespace sealring::agent::policy {

struct certification_request {
  bytes spki;                     ///< SubjectPublicKeyInfo, DER, as it stands there; whether it is a key is not looked at
  std::vector<identifier> names;  ///< of subjectAltName: at least one, none twice
};

/// CertificationRequestInfo in DER. The subject is empty, or one commonName that is also in subjectAltName; subjectAltName is
/// the one extension, of canonical dNSName and iPAddress only; there is no other attribute.
[[nodiscard]] result<certification_request> parse_certification_request_info(bytes_view der);

/// The signed whole. The signature is not verified: that is the CA's, and a wrong one gives nothing away.
[[nodiscard]] result<certification_request> parse_certification_request(bytes_view der);

}  // namespace sealring::agent::policy

// Revocation (RFC 8555 section 7.6).
#pragma once

#include "sealring/acme/json.hpp"
#include "sealring/bytes.hpp"

#include <array>
#include <optional>

namespace sealring::inline v0::acme {

/// CRLReason (RFC 5280 section 5.3.1). CAs accept a part of these: Let's Encrypt 0, 1, 4 and 5.
enum class revocation_reason : std::uint8_t {
  unspecified = 0,
  key_compromise = 1,
  ca_compromise = 2,
  affiliation_changed = 3,
  superseded = 4,
  cessation_of_operation = 5,
  certificate_hold = 6,
  remove_from_crl = 8,
  privilege_withdrawn = 9,
  aa_compromise = 10,
};

/// A reason and its name in RFC 5280.
struct named_reason {
  std::string_view name;
  revocation_reason reason;
};

/// With the names of RFC 5280.
inline constexpr std::array<named_reason, 10> revocation_reasons = {{
    {"unspecified", revocation_reason::unspecified},
    {"keyCompromise", revocation_reason::key_compromise},
    {"cACompromise", revocation_reason::ca_compromise},
    {"affiliationChanged", revocation_reason::affiliation_changed},
    {"superseded", revocation_reason::superseded},
    {"cessationOfOperation", revocation_reason::cessation_of_operation},
    {"certificateHold", revocation_reason::certificate_hold},
    {"removeFromCRL", revocation_reason::remove_from_crl},
    {"privilegeWithdrawn", revocation_reason::privilege_withdrawn},
    {"aACompromise", revocation_reason::aa_compromise},
}};

/// "The certificate to be revoked, in the base64url-encoded version of the DER format", and "one of the revocation reasonCodes
/// defined in Section 5.3.1 of RFC 5280" (section 7.6). Without a reason the CA leaves reasonCode out of the CRL entry.
[[nodiscard]] std::string revocation_payload(bytes_view certificate, std::optional<revocation_reason> reason);

}  // namespace sealring::inline v0::acme

#ifndef SEALRING_COMPILED
#include "sealring/acme/impl/revocation.ipp"
#endif

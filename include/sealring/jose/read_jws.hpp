// Reading JSON Web Signatures (RFC 7515 section 5.2), compact and flattened. What is read is not yet proved: see
// verify_jws.hpp.
//
// Strict: base64url in its one spelling, no member twice, no header parameter in both headers, and no extension, since none is
// known. The general JSON serialization (section 7.2.1), with its array of signatures, is not read: ACME forbids it.
#pragma once

#include "sealring/bytes.hpp"
#include "sealring/jose/read_json.hpp"

namespace sealring::inline v0::jose {

/// Anybody may have written this, until it is verified.
struct jws {
  json::object protected_header;  ///< empty where there is none, which only the flattened form allows
  json::object header;            ///< not protected: as if written on the envelope. ACME forbids it (RFC 8555 section 6.2)
  std::string signing_input;      ///< what the signature is over
  bytes payload;                  ///< decoded, or what the caller had of it
  bytes signature;

  /// A parameter of the JOSE header, which is both headers together (RFC 7515 section 4); nullptr if it is in neither.
  [[nodiscard]] const json::value* parameter(std::string_view name) const;

  /// Section 4.1.1: it "identifies the cryptographic algorithm used to secure the JWS". Never empty in what was read.
  [[nodiscard]] std::string_view alg() const;
};

/// Section 7.1: BASE64URL(protected) || '.' || BASE64URL(payload) || '.' || BASE64URL(signature). With `detached`, which must
/// outlive the call only, the part between the dots must be empty.
[[nodiscard]] result<jws> read_compact(std::string_view text, std::optional<bytes_view> detached = {});

/// Section 7.2.2. Members that it does not name are ignored, as section 7.2 says they must be. With `detached`, "payload" must
/// not be there, or be empty, as some write it.
[[nodiscard]] result<jws> read_flattened(json::object object, std::optional<bytes_view> detached = {});

[[nodiscard]] result<jws> read_flattened(std::string_view text, std::optional<bytes_view> detached = {});

}  // namespace sealring::inline v0::jose

#ifndef SEALRING_COMPILED
#include "sealring/jose/impl/read_jws.ipp"
#endif

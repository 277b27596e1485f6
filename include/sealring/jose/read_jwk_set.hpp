// Sets of JWKs (RFC 7517 section 5), both ways.
#pragma once

#include "sealring/jose/read_jwk.hpp"

namespace sealring::inline v0::jose {

/// The keys that could be read.
struct jwk_set {
  /// Section 5.1: "The value of the "keys" parameter is an array of JWK values."
  std::vector<jwk> keys{};
  /// Section 5: "Additional members can be present in the JWK Set; if not understood by implementations encountering them, they
  /// MUST be ignored." Kept, and written again.
  json::object other{};

  /// The key of this name; nullptr if there is none, or if there are two, of which either may be meant.
  [[nodiscard]] const jwk* find(std::string_view kid) const;
};

/// Keys that cannot be read are passed over. Section 5: "Implementations SHOULD ignore JWKs within a JWK Set that use "kty"
/// (key type) values that are not understood by them, that are missing required members, or for which values are out of the
/// supported ranges." But a set that shows a secret is refused whole: whoever made it meant to give out something else.
[[nodiscard]] result<jwk_set> read_jwk_set(std::string_view text);

[[nodiscard]] std::string to_jwk_set(const jwk_set& set);

}  // namespace sealring::inline v0::jose

#ifndef SEALRING_COMPILED
#include "sealring/jose/impl/read_jwk_set.ipp"
#endif

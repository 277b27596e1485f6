// Reading a JWK (RFC 7517), and writing it with all its members. What comes in is a public key: one that shows a private or
// symmetric member is refused, and nothing of it is kept.
#pragma once

#include "sealring/jose/jwk.hpp"
#include "sealring/jose/read_json.hpp"
#include "sealring/public_key_types.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace sealring::inline v0::jose {

/// What any JWK may say of its key (RFC 7517 section 4), beside the key.
struct key_parameters {
  /// Section 4.5: "The "kid" (key ID) parameter is used to match a specific key."
  std::optional<std::string> kid{};
  /// Section 4.2: "The "use" (public key use) parameter identifies the intended use of the public key."
  std::optional<std::string> use{};
  /// Section 4.3: "The "key_ops" (key operations) parameter identifies the operation(s) for which the key is intended to be
  /// used."
  std::optional<std::vector<std::string>> key_ops{};
  /// Section 4.4: "The "alg" (algorithm) parameter identifies the algorithm intended for use with the key."
  std::optional<std::string> alg{};
  /// Section 4: "Additional members can be present in the JWK; if not understood by implementations encountering them, they
  /// MUST be ignored." Kept, and written again.
  json::object other{};

  /// Whether the key is meant to verify signatures of this algorithm.
  [[nodiscard]] bool permits_verifying(std::string_view algorithm) const {
    return (!use || *use == "sig") && (!key_ops || std::ranges::find(*key_ops, "verify") != key_ops->end()) &&
           (!alg || *alg == algorithm);
  }
};

/// A public key and what its JWK says of it.
struct jwk : key_parameters {
  any_public_key key;
};

namespace detail {

/// Takes the parameters out of what is left of a JWK once the key is. Section 4.3: "if both ["use" and "key_ops"] are used, the
/// information they convey MUST be consistent."
result<key_parameters> take_parameters(json::object jwk);

}  // namespace detail

/// A public key. errc::secret_in_jwk for what is none; errc::unsupported_key for a type or curve that sealring has no algorithm
/// for; errc::bad_public_key for values out of range, such as a point that is not on its EC curve, or a key that proves
/// nothing.
[[nodiscard]] result<jwk> read_jwk(json::object object);

[[nodiscard]] result<jwk> read_jwk(std::string_view text);

/// The key with its parameters: those of the thumbprint first.
[[nodiscard]] std::string to_jwk(const jwk& key);

}  // namespace sealring::inline v0::jose

#ifndef SEALRING_COMPILED
#include "sealring/jose/impl/read_jwk.ipp"
#endif

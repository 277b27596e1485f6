// Public keys as JWK (RFC 7517, RFC 7518 section 6, RFC 8037 section 2) and their thumbprints (RFC 7638). Written here; read by
// read_jwk.hpp.
#pragma once

#include "sealring/jose/json_text.hpp"
#include "sealring/public_key_types.hpp"
#include "sealring/result.hpp"

#include <concepts>

namespace sealring::inline v0::jose {

namespace detail {

constexpr std::string_view curve_name(p256) { return "P-256"; }
constexpr std::string_view curve_name(p384) { return "P-384"; }
constexpr std::string_view curve_name(p521) { return "P-521"; }

// The required members only, in the order of RFC 7638 section 3.2: lexicographic.
template <class Curve>
void add_key(object_writer& jwk, const ec_public_key<Curve>& key) {
  jwk.text("crv", curve_name(Curve{})).text("kty", "EC").base64url("x", key.x).base64url("y", key.y);
}
void add_key(object_writer& jwk, const rsa_public_key& key);
void add_key(object_writer& jwk, const ed25519_public_key& key);
void add_key(object_writer& jwk, const any_public_key& key);

}  // namespace detail

/// The required members only, lexicographic and without white space: the very text whose hash is the thumbprint (RFC 7638).
template <class Key>
  requires std::convertible_to<Key, any_public_key>
[[nodiscard]] std::string to_jwk(const Key& key) {
  std::string text;
  object_writer jwk{text};
  detail::add_key(jwk, key);
  jwk.close();
  return text;
}

/// base64url(SHA-256(JWK)): the key's name in ACME's key authorizations (RFC 8555 section 8.1).
[[nodiscard]] result<std::string> thumbprint(const any_public_key& key);

}  // namespace sealring::inline v0::jose

#ifndef SEALRING_COMPILED
#include "sealring/jose/impl/jwk.ipp"
#endif

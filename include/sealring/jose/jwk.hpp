// Public keys as JWK (RFC 7517, RFC 7518 section 6, RFC 8037 section 2) and their thumbprints (RFC 7638).
#pragma once

#include "sealring/base64url.hpp"
#include "sealring/digest.hpp"
#include "sealring/jose/json_text.hpp"
#include "sealring/public_key_types.hpp"

namespace sealring::inline v0::jose {

namespace detail {

constexpr std::string_view curve_name(p256) { return "P-256"; }
constexpr std::string_view curve_name(p384) { return "P-384"; }
constexpr std::string_view curve_name(p521) { return "P-521"; }

inline std::string member(std::string_view name, bytes_view value) { return json_member(name, base64url_encode(value)); }

}  // namespace detail

/// The required members only, in the order of RFC 7638 section 3.2 (lexicographic), without white space: the very text whose
/// hash is the thumbprint.
template <class Curve>
[[nodiscard]] std::string to_jwk(const ec_public_key<Curve>& key) {
  return '{' + json_member("crv", detail::curve_name(Curve{})) + R"(,"kty":"EC",)" + detail::member("x", key.x) + ',' +
         detail::member("y", key.y) + '}';
}

[[nodiscard]] inline std::string to_jwk(const rsa_public_key& key) {
  return '{' + detail::member("e", key.e) + R"(,"kty":"RSA",)" + detail::member("n", key.n) + '}';
}

[[nodiscard]] inline std::string to_jwk(const ed25519_public_key& key) {
  return R"({"crv":"Ed25519","kty":"OKP",)" + detail::member("x", key.value) + '}';
}

[[nodiscard]] inline std::string to_jwk(const any_public_key& key) {
  return sealring::detail::visit_key(key, [](const auto& k) { return to_jwk(k); });
}

/// base64url(SHA-256(JWK)): the key's name in ACME's key authorizations (RFC 8555 section 8.1).
[[nodiscard]] inline result<std::string> thumbprint(const any_public_key& key) {
  const std::string jwk = to_jwk(key);
  auto value = hash<sha256>(as_bytes(jwk));
  if (!value) return value.error();
  return base64url_encode(value->view());
}

}  // namespace sealring::inline v0::jose

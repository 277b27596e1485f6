#pragma once

#include "sealring/jose/jwk.hpp"

#include "sealring/base64url.hpp"
#include "sealring/digest.hpp"

namespace sealring::inline v0::jose {

namespace detail {

SEALRING_INLINE void add_key(object_writer& jwk, const rsa_public_key& key) {
  jwk.base64url("e", key.e).text("kty", "RSA").base64url("n", key.n);
}

SEALRING_INLINE void add_key(object_writer& jwk, const ed25519_public_key& key) {
  jwk.text("crv", "Ed25519").text("kty", "OKP").base64url("x", key.value);
}

SEALRING_INLINE void add_key(object_writer& jwk, const any_public_key& key) {
  sealring::detail::visit_key(key, [&jwk](const auto& k) { add_key(jwk, k); });
}

}  // namespace detail

SEALRING_INLINE result<std::string> thumbprint(const any_public_key& key) {
  const std::string jwk = to_jwk(key);
  auto value = hash<sha256>(as_bytes(jwk));
  if (!value) return value.error();
  return base64url_encode(value->view());
}

}  // namespace sealring::inline v0::jose

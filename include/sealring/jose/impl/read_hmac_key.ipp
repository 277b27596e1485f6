#pragma once

#include "sealring/jose/read_hmac_key.hpp"

#include "sealring/base64url.hpp"
#include "sealring/jose/read_jwk.hpp"

namespace sealring::inline v0::jose {

SEALRING_INLINE result<hmac_key> read_hmac_key(std::string_view text) {
  auto object = read_object(text);
  if (!object) return object.error();
  const auto kty = required_text(*object, "kty");
  if (!kty) return kty.error();
  if (*kty != "oct") return fail(errc::unsupported_key);
  if (const auto k = required_text(*object, "k"); !k) return k.error();
  json::string& k = object->at("k").get_string();
  auto secret = base64url_decode<secret_bytes>({k.data(), k.size()});
  OPENSSL_cleanse(k.data(), k.size());
  object->erase("k");
  if (!secret) return secret.error();
  const auto parameters = detail::take_parameters(*std::move(object));
  if (!parameters) return parameters.error();
  const std::string alg = parameters->alg.value_or("HS256");
  if (!parameters->permits_verifying(alg)) return fail(errc::wrong_key_type);
  for (const auto algorithm : {hmac_algorithm::hs256, hmac_algorithm::hs384, hmac_algorithm::hs512}) {
    if (alg != name(algorithm)) continue;
    hmac_key key{parameters->kid.value_or(""), *std::move(secret), algorithm};
    if (key.secret.size() < key.size()) return fail(errc::bad_length);
    return key;
  }
  return fail(errc::unsupported_algorithm);
}

}  // namespace sealring::inline v0::jose

// Another key for the same account (RFC 8555 section 7.3.5).
#pragma once

#include "sealring/jose/jws.hpp"

namespace sealring::inline v0::acme {

/// The payload of keyChange, itself a JWS by the new key: "the inner JWS MUST have a "jwk" header parameter ... the same "url"
/// header parameter as the outer JWS ... MUST omit the "nonce"". `old_jwk` is the key that is to go. There are CAs that accept
/// it and change nothing where the new key has an account: let the new key ask for its account (existing_account_payload).
template <some_signer S>
[[nodiscard]] sealring::result<std::string> key_change_payload(const S& new_key, std::string_view account_url,
                                                               std::string_view old_jwk, std::string_view key_change_url) {
  const std::string change = '{' + jose::json_member("account", account_url) + R"(,"oldKey":)" + std::string{old_jwk} + '}';
  return jose::sign_flattened(jose::with_jwk<S>{new_key}, {.nonce = {}, .url = key_change_url}, change);
}

}  // namespace sealring::inline v0::acme

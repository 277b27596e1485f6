// JWKs inside what is to be signed: the key's own, and the other one of a keyChange (RFC 7517, RFC 7638).
#pragma once

#include "agent/keeper/policy/strict_json.hpp"
#include "sealring/public_key.hpp"

namespace sealring::agent::policy {

/// Whether the JWK is this key's, with the required members only (RFC 7638 section 3.2), in any order.
[[nodiscard]] bool is_jwk_of(const json::object& jwk, const any_public_key&);

/// The thumbprint (RFC 7638) of a JWK that has the required members of its "kty" and no other.
[[nodiscard]] result<std::string> thumbprint_of(const json::object& jwk);

}  // namespace sealring::agent::policy

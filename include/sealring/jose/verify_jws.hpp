// Verifying JSON Web Signatures: as a CA does it with an account's requests, or a client with what somebody signed for it.
//
// Which key it is, the caller decides; a key that the JWS itself shows ("jwk") is no more than a claim until he does. Which
// algorithm it is, the JWS says; but it must fit the key, and be one that the caller and the key allow.
#pragma once

#include "sealring/jose/hmac.hpp"
#include "sealring/jose/read_jwk.hpp"
#include "sealring/jose/read_jws.hpp"

namespace sealring::inline v0::jose {

/// errc::unsupported_algorithm for an "alg" that is not among `allowed`; errc::wrong_key_type for one that is not the key's;
/// errc::bad_public_key for a key that proves nothing; errc::bad_signature, without further detail, for a signature that is not
/// good.
[[nodiscard]] result<void> verify(const jws& j, const any_public_key& key,
                                  std::span<const algorithm_id> allowed = every_algorithm);

/// The key's own "use", "key_ops" and "alg" must allow it, too: errc::wrong_key_type.
[[nodiscard]] result<void> verify(const jws& j, const jwk& key, std::span<const algorithm_id> allowed = every_algorithm);

/// By a shared secret, as a CA does it with an external account binding (RFC 8555 section 7.3.4). "alg" must be the key's own.
[[nodiscard]] result<void> verify(const jws& j, const hmac_key& key);

}  // namespace sealring::inline v0::jose

#ifndef SEALRING_COMPILED
#include "sealring/jose/impl/verify_jws.ipp"
#endif

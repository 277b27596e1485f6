#pragma once

#include "sealring/jose/verify_jws.hpp"

#include "sealring/sound_key.hpp"
#include "sealring/verified.hpp"

#include <algorithm>

namespace sealring::inline v0::jose {

namespace detail {

template <algorithm A>
result<void> verify_by(const jws& signed_by, const any_public_key& key) {
  const auto* typed = std::get_if<typename A::public_key>(&key);
  if (typed == nullptr) return fail(errc::wrong_key_type);
  if (!is_sound(*typed)) return fail(errc::bad_public_key);
  typename A::signature signature{};
  if constexpr (std::same_as<typename A::signature, bytes>) signature = signed_by.signature;
  else if (signed_by.signature.size() != signature.size()) return fail(errc::bad_signature);
  else std::ranges::copy(signed_by.signature, signature.begin());
  return sealring::verify<A>(*typed, as_bytes(signed_by.signing_input), signature);
}

}  // namespace detail

SEALRING_INLINE result<void> verify(const jws& j, const any_public_key& key, std::span<const algorithm_id> allowed) {
  const auto algorithm = algorithm_named(j.alg());
  if (!algorithm || std::ranges::find(allowed, *algorithm) == allowed.end()) return fail(errc::unsupported_algorithm);
  switch (*algorithm) {
    case algorithm_id::es256: return detail::verify_by<es256>(j, key);
    case algorithm_id::es384: return detail::verify_by<es384>(j, key);
    case algorithm_id::es512: return detail::verify_by<es512>(j, key);
    case algorithm_id::rs256: return detail::verify_by<rs256>(j, key);
    case algorithm_id::ps256: return detail::verify_by<ps256>(j, key);
    case algorithm_id::eddsa: return detail::verify_by<eddsa>(j, key);
  }
  return fail(errc::unsupported_algorithm);
}

SEALRING_INLINE result<void> verify(const jws& j, const jwk& key, std::span<const algorithm_id> allowed) {
  if (!key.permits_verifying(j.alg())) return fail(errc::wrong_key_type);
  return verify(j, key.key, allowed);
}

SEALRING_INLINE result<void> verify(const jws& j, const hmac_key& key) {
  if (j.alg() != name(key.algorithm)) return fail(errc::unsupported_algorithm);
  return key.check(as_bytes(j.signing_input), j.signature);
}

}  // namespace sealring::inline v0::jose

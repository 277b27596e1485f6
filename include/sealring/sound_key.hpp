// Whether a signature under a public key proves anything, for whoever takes keys from strangers: there are keys under which
// everybody can sign.
#pragma once

#include "sealring/public_key_types.hpp"

namespace sealring::inline v0 {

/// A point that is on its curve, which from_spki and read_jwk see to, is sound: these curves have no others.
template <class Curve>
[[nodiscard]] bool is_sound(const ec_public_key<Curve>&) noexcept {
  return true;
}

/// RFC 7518 section 3.3: "A key of size 2048 bits or larger MUST be used with these algorithms." libcrypto takes none above
/// 16384. With the exponent 1 everything is its own signature.
[[nodiscard]] bool is_sound(const rsa_public_key& key);

/// Under a point whose order is 1, 2, 4 or 8 one signature is good for every message, or for one in a few.
[[nodiscard]] bool is_sound(const ed25519_public_key& key);

[[nodiscard]] bool is_sound(const any_public_key& key);

}  // namespace sealring::inline v0

#ifndef SEALRING_COMPILED
#include "sealring/impl/sound_key.ipp"
#endif

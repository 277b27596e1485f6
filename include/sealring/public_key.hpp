// Public keys' one encoding: SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7).
#pragma once

#include "sealring/detail/openssl.hpp"
#include "sealring/public_key_types.hpp"

#include <concepts>

namespace sealring::inline v0 {

namespace detail {

/// AlgorithmIdentifier and subjectPublicKey, put together without libcrypto's encoders, which cost more than a signature.
bool set_spki(X509_PUBKEY* info, int algorithm, int parameter_type, void* parameter, bytes_view subject_public_key);

template <class Curve>
bool set_spki(X509_PUBKEY* info, const ec_public_key<Curve>& key) {
  fixed_bytes<1 + 2 * Curve::size> point{4};  // uncompressed, SEC 1 section 2.3.3
  copy_bytes(key.y, copy_bytes(key.x, point.data() + 1));
  return set_spki(info, NID_X9_62_id_ecPublicKey, V_ASN1_OBJECT, OBJ_nid2obj(Curve::nid), point);
}

bool set_spki(X509_PUBKEY* info, const rsa_public_key& key);

bool set_spki(X509_PUBKEY* info, const ed25519_public_key& key);

bool set_spki(X509_PUBKEY* info, const any_public_key& key);

}  // namespace detail

/// DER, of a typed key or of any.
template <class Key>
  requires std::convertible_to<Key, any_public_key>
[[nodiscard]] result<bytes> to_spki(const Key& key) {
  const detail::x509_pubkey info{X509_PUBKEY_new()};
  if (!info || !detail::set_spki(info.get(), key)) return detail::crypto_failure();
  bytes der = detail::to_der<i2d_X509_PUBKEY>(info.get());
  if (der.empty()) return detail::crypto_failure();
  return der;
}

/// Reads a SubjectPublicKeyInfo. Points that are not on their curve and trailing bytes are refused.
[[nodiscard]] result<any_public_key> from_spki(bytes_view der);

}  // namespace sealring::inline v0

#ifndef SEALRING_COMPILED
#include "sealring/impl/public_key.ipp"
#endif

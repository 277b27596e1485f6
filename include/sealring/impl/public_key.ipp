#pragma once

#include "sealring/public_key.hpp"

namespace sealring::inline v0 {

namespace detail {

inline bytes der_integer(bytes_view big_endian) {
  const asn1_integer value{ASN1_INTEGER_new()};
  const bignum number{BN_bin2bn(big_endian.data(), static_cast<int>(big_endian.size()), nullptr)};
  if (!value || !number || BN_to_ASN1_INTEGER(number.get(), value.get()) == nullptr) return {};
  return to_der<i2d_ASN1_INTEGER>(value.get());
}

/// RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER } (RFC 8017 appendix A.1.1)
inline bytes rsa_public_key_der(const rsa_public_key& key) {
  const bytes n = der_integer(key.n);
  const bytes e = der_integer(key.e);
  const int content = static_cast<int>(n.size() + e.size());
  bytes der(static_cast<std::size_t>(ASN1_object_size(1, content, V_ASN1_SEQUENCE)));
  unsigned char* out = der.data();
  ASN1_put_object(&out, 1, content, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL);
  copy_bytes(e, copy_bytes(n, out));
  return der;
}

SEALRING_INLINE bool set_spki(X509_PUBKEY* info, int algorithm, int parameter_type, void* parameter,
                              bytes_view subject_public_key) {
  auto* copy = static_cast<unsigned char*>(OPENSSL_memdup(subject_public_key.data(), subject_public_key.size()));
  if (copy != nullptr && X509_PUBKEY_set0_param(info, OBJ_nid2obj(algorithm), parameter_type, parameter, copy,
                                                static_cast<int>(subject_public_key.size())) == 1)
    return true;
  OPENSSL_free(copy);
  return false;
}

SEALRING_INLINE bool set_spki(X509_PUBKEY* info, const rsa_public_key& key) {
  return set_spki(info, NID_rsaEncryption, V_ASN1_NULL, nullptr, rsa_public_key_der(key));
}

SEALRING_INLINE bool set_spki(X509_PUBKEY* info, const ed25519_public_key& key) {
  return set_spki(info, NID_ED25519, V_ASN1_UNDEF, nullptr, key.value);
}

SEALRING_INLINE bool set_spki(X509_PUBKEY* info, const any_public_key& key) {
  return visit_key(key, [info](const auto& k) { return set_spki(info, k); });
}

inline bytes bignum_parameter(const EVP_PKEY* key, const char* name) {
  BIGNUM* raw = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &raw) != 1) return {};
  const bignum number{raw};
  bytes value(static_cast<std::size_t>(BN_num_bytes(raw)));
  BN_bn2bin(raw, value.data());
  return value;
}

template <class Curve>
result<any_public_key> ec_from_evp(const EVP_PKEY* key) {
  const bytes x = bignum_parameter(key, "qx");
  const bytes y = bignum_parameter(key, "qy");
  if (x.size() > Curve::size || y.size() > Curve::size || y.empty()) return crypto_failure(errc::bad_public_key);
  ec_public_key<Curve> point;
  copy_bytes(x, point.x.data() + Curve::size - x.size());
  copy_bytes(y, point.y.data() + Curve::size - y.size());
  return point;
}

}  // namespace detail

SEALRING_INLINE result<any_public_key> from_spki(bytes_view der) {
  const auto key = detail::from_der<detail::evp_pkey, d2i_PUBKEY>(der);
  if (!key) return detail::crypto_failure(errc::bad_public_key);
  switch (EVP_PKEY_get_base_id(key.get())) {
    case EVP_PKEY_RSA: {
      rsa_public_key rsa{detail::bignum_parameter(key.get(), "n"), detail::bignum_parameter(key.get(), "e")};
      if (rsa.n.empty() || rsa.e.empty()) return detail::crypto_failure(errc::bad_public_key);
      return rsa;
    }
    case EVP_PKEY_EC: {
      char group[32] = {};
      EVP_PKEY_get_utf8_string_param(key.get(), "group", group, sizeof group, nullptr);
      switch (OBJ_sn2nid(group)) {
        case p256::nid: return detail::ec_from_evp<p256>(key.get());
        case p384::nid: return detail::ec_from_evp<p384>(key.get());
        case p521::nid: return detail::ec_from_evp<p521>(key.get());
        default: return detail::crypto_failure(errc::unsupported_key);
      }
    }
    case EVP_PKEY_ED25519: {
      ed25519_public_key ed;
      std::size_t size = ed.value.size();
      if (EVP_PKEY_get_raw_public_key(key.get(), ed.value.data(), &size) != 1 || size != ed.value.size())
        return detail::crypto_failure(errc::bad_public_key);
      return ed;
    }
    default: return detail::crypto_failure(errc::unsupported_key);
  }
}

}  // namespace sealring::inline v0

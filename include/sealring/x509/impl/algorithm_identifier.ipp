#pragma once

#include "sealring/x509/algorithm_identifier.hpp"

namespace sealring::inline v0::x509 {

namespace detail {

inline sealring::detail::x509_algor make_algorithm(int nid, int parameter_type, ASN1_STRING* parameter = nullptr) {
  sealring::detail::x509_algor algorithm{X509_ALGOR_new()};
  if (!algorithm || X509_ALGOR_set0(algorithm.get(), OBJ_nid2obj(nid), parameter_type, parameter) != 1) {
    ASN1_STRING_free(parameter);
    return nullptr;
  }
  return algorithm;
}

/// RSASSA-PSS-params { sha256, mgf1SHA256, saltLength 32 } (RFC 4055 section 3.1), whose every member is a constant.
inline constexpr std::uint8_t pss_sha256[] = {
    0x30, 0x34, 0xa0, 0x0f, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
    0x00, 0xa1, 0x1c, 0x30, 0x1a, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08, 0x30, 0x0d,
    0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0xa2, 0x03, 0x02, 0x01, 0x20};

}  // namespace detail

SEALRING_INLINE sealring::detail::x509_algor algorithm_identifier(algorithm_id id) {
  switch (id) {
    case algorithm_id::es256: return detail::make_algorithm(NID_ecdsa_with_SHA256, V_ASN1_UNDEF);
    case algorithm_id::es384: return detail::make_algorithm(NID_ecdsa_with_SHA384, V_ASN1_UNDEF);
    case algorithm_id::es512: return detail::make_algorithm(NID_ecdsa_with_SHA512, V_ASN1_UNDEF);
    case algorithm_id::rs256: return detail::make_algorithm(NID_sha256WithRSAEncryption, V_ASN1_NULL);
    case algorithm_id::ps256: {
      ASN1_STRING* parameters = ASN1_STRING_new();
      if (parameters != nullptr) ASN1_STRING_set(parameters, detail::pss_sha256, sizeof detail::pss_sha256);
      return detail::make_algorithm(NID_rsassaPss, V_ASN1_SEQUENCE, parameters);
    }
    case algorithm_id::eddsa: return detail::make_algorithm(NID_ED25519, V_ASN1_UNDEF);
  }
  return nullptr;
}

}  // namespace sealring::inline v0::x509

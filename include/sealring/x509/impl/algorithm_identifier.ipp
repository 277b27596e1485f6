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

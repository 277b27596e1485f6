// What PKCS#11 calls each algorithm. We hash in software and send the token what is left: a digest, or for Ed25519 the message.
//
// Raw mechanisms, since they are the ones that every token has: Debian 12's SoftHSM knows ECDSA in no other form.
#pragma once

#include "hsm/cryptoki.hpp"
#include "sealring/algorithm.hpp"

#include <algorithm>

namespace sealring::inline v0::hsm {

/// A mechanism, its parameter, and what stands before the digest in the data that is signed.
struct mechanism {
  CK_MECHANISM_TYPE type;
  /// Lives as long as the program: there are modules that read it at C_Sign again.
  const CK_RSA_PKCS_PSS_PARAMS* pss = nullptr;
  bytes_view prefix = {};

  /// For C_SignInit.
  CK_MECHANISM raw() const noexcept {
    if (pss != nullptr) return {type, const_cast<CK_RSA_PKCS_PSS_PARAMS*>(pss), sizeof *pss};
    return {type, nullptr, 0};
  }

  bytes to_be_signed(bytes_view input) const {
    bytes data(prefix.size() + input.size());
    std::ranges::copy(input, std::ranges::copy(prefix, data.begin()).out);
    return data;
  }
};

namespace detail {

/// DigestInfo for SHA-256 up to the digest itself (RFC 8017 section 9.2, note 1).
inline constexpr fixed_bytes<19> digest_info_sha256{0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                                    0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};

inline constexpr CK_RSA_PKCS_PSS_PARAMS pss_sha256{CKM_SHA256, CKG_MGF1_SHA256, sha256::size};

}  // namespace detail

/// One line an algorithm; one that is forgotten fails to compile.
template <algorithm A>
mechanism mechanism_for() = delete;

template <>
inline mechanism mechanism_for<es256>() {
  return {CKM_ECDSA};
}
template <>
inline mechanism mechanism_for<es384>() {
  return {CKM_ECDSA};
}
template <>
inline mechanism mechanism_for<es512>() {
  return {CKM_ECDSA};
}
template <>
inline mechanism mechanism_for<rs256>() {
  return {CKM_RSA_PKCS, {}, detail::digest_info_sha256};
}
template <>
inline mechanism mechanism_for<ps256>() {
  return {CKM_RSA_PKCS_PSS, &detail::pss_sha256};
}
template <>
inline mechanism mechanism_for<eddsa>() {
  return {CKM_EDDSA};  // no parameter: SoftHSM takes CK_EDDSA_PARAMS and ignores what it says
}

}  // namespace sealring::inline v0::hsm

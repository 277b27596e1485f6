// ECDSA signatures: r||s <-> DER (RFC 3279 section 2.2.3). The only place that knows both.
//
// JWS and PKCS#11 speak r||s of fixed width; X.509, TLS and libcrypto speak DER.
#pragma once

#include "sealring/detail/openssl.hpp"

namespace sealring::inline v0 {

/// `rs` holds r and s, big-endian, half each.
[[nodiscard]] result<bytes> ecdsa_to_der(bytes_view rs);

/// Refuses what is not the canonical DER of two numbers that fit.
template <std::size_t N>
[[nodiscard]] result<fixed_bytes<N>> ecdsa_from_der(bytes_view der) {
  static_assert(N % 2 == 0);
  const auto signature = detail::from_der<detail::ecdsa_sig, d2i_ECDSA_SIG>(der);
  if (!signature) return detail::crypto_failure(errc::bad_der);
  const BIGNUM* r = ECDSA_SIG_get0_r(signature.get());
  const BIGNUM* s = ECDSA_SIG_get0_s(signature.get());
  fixed_bytes<N> rs{};
  constexpr int half = static_cast<int>(N / 2);
  if (BN_is_negative(r) || BN_is_negative(s) || BN_bn2binpad(r, rs.data(), half) != half ||
      BN_bn2binpad(s, rs.data() + half, half) != half)
    return detail::crypto_failure(errc::bad_der);
  const auto again = ecdsa_to_der(rs);
  if (!again || as_text(*again) != as_text(der)) return detail::crypto_failure(errc::bad_der);
  return rs;
}

}  // namespace sealring::inline v0

#ifndef SEALRING_COMPILED
#include "sealring/impl/ecdsa_der.ipp"
#endif

#pragma once

#include "sealring/ecdsa_der.hpp"

namespace sealring::inline v0 {

SEALRING_INLINE result<bytes> ecdsa_to_der(bytes_view rs) {
  if (rs.empty() || rs.size() % 2 != 0) return fail(errc::bad_length);
  const int half = static_cast<int>(rs.size() / 2);
  const detail::ecdsa_sig signature{ECDSA_SIG_new()};
  detail::bignum r{BN_bin2bn(rs.data(), half, nullptr)};
  detail::bignum s{BN_bin2bn(rs.data() + half, half, nullptr)};
  if (!signature || !r || !s || ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1) return detail::crypto_failure();
  static_cast<void>(r.release());
  static_cast<void>(s.release());
  bytes der = detail::to_der<i2d_ECDSA_SIG>(signature.get());
  if (der.empty()) return detail::crypto_failure();
  return der;
}

}  // namespace sealring::inline v0

#pragma once

#include "sealring/sound_key.hpp"

#include <algorithm>

namespace sealring::inline v0 {

namespace detail {

/// CVE-2017-15361 (ROCA): a library of many smart cards made primes that are powers of 65537 modulo small ones, and so is their
/// product. Another key looks like it once in a hundred million times.
inline bool is_roca(const bytes& n) {
  for (const unsigned prime : {11U, 13U, 17U, 19U, 37U, 53U, 61U, 71U, 73U, 79U, 97U, 103U, 107U, 109U, 127U, 151U, 157U}) {
    unsigned rest = 0;
    for (const std::uint8_t octet : n) rest = (rest << 8 | octet) % prime;
    unsigned power = 65537 % prime;
    while (power != rest && power != 1) power = power * 65537 % prime;
    if (power != rest) return false;
  }
  return true;
}

/// No leading zero: RFC 7518 section 2: "The octet sequence MUST utilize the minimum number of octets needed to represent the
/// value."
inline bool is_odd_number(const bytes& n) noexcept { return !n.empty() && n.front() != 0 && n.back() % 2 != 0; }

}  // namespace detail

SEALRING_INLINE bool is_sound(const rsa_public_key& key) {
  return detail::is_odd_number(key.n) && key.bits() >= 2048 && key.bits() <= 16384 && detail::is_odd_number(key.e) &&
         key.e != bytes{1} && key.e.size() <= 8 && !detail::is_roca(key.n);
}

SEALRING_INLINE bool is_sound(const ed25519_public_key& key) {
  static constexpr std::uint8_t order_8[2][32] = {
      {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
       0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
      {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
       0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a}};
  auto y = key.value;
  y.back() &= 0x7f;  // the sign of x
  for (const auto& one : order_8)
    if (std::ranges::equal(y, one)) return false;
  // 0 and 1, and p - 1, p and p + 1, p being 2^255 - 19
  const auto middle = std::span{y}.subspan(1, 30);
  const auto all = [&middle](std::uint8_t octet) {
    return std::ranges::all_of(middle, [octet](auto o) { return o == octet; });
  };
  const bool small = y.front() <= 1 && all(0) && y.back() == 0;
  const bool near_p = y.front() >= 0xec && y.front() <= 0xee && all(0xff) && y.back() == 0x7f;
  return !small && !near_p;
}

SEALRING_INLINE bool is_sound(const any_public_key& key) {
  return detail::visit_key(key, [](const auto& k) { return is_sound(k); });
}

}  // namespace sealring::inline v0

// Signatures as modules return them, read into each algorithm's one encoding.
#pragma once

#include "hsm/error.hpp"
#include "sealring/algorithm.hpp"
#include "sealring/ecdsa_der.hpp"

#include <algorithm>

namespace sealring::inline v0::hsm {

namespace detail {

template <std::size_t N>
consteval fixed_bytes<N> from_hex(const char (&text)[2 * N + 1]) {
  const auto nibble = [](char c) { return static_cast<std::uint8_t>(c <= '9' ? c - '0' : c - 'a' + 10); };
  fixed_bytes<N> value{};
  for (std::size_t i = 0; i != N; ++i) value[i] = static_cast<std::uint8_t>(nibble(text[2 * i]) << 4 | nibble(text[2 * i + 1]));
  return value;
}

}  // namespace detail

/// The order n of each curve's base point (SEC 2 sections 2.4.2, 2.5.1, 2.6.1).
template <class Curve>
inline constexpr auto curve_order = nullptr;
template <>
inline constexpr auto curve_order<p256> =
    detail::from_hex<32>("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
template <>
inline constexpr auto curve_order<p384> =
    detail::from_hex<48>("ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973");
template <>
inline constexpr auto curve_order<p521> = detail::from_hex<66>(
    "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb7"
    "1e91386409");

/// ECDSA is r||s of fixed width; the DER that some modules answer is accepted. r and s are in [1, n-1] (SEC 1 section 4.1.4).
template <class A>
  requires requires { typename A::curve; }
[[nodiscard]] sealring::result<typename A::signature> read_signature(bytes raw, const typename A::public_key&) {
  typename A::signature rs{};
  if (raw.size() == rs.size()) {
    std::ranges::copy(raw, rs.begin());
  } else {
    auto decoded = ecdsa_from_der<rs.size()>(raw);
    if (!decoded) return fail(trouble::malformed_answer);
    rs = *decoded;
  }
  const auto& n = curve_order<typename A::curve>;
  for (const auto half : {bytes_view{rs}.first(n.size()), bytes_view{rs}.last(n.size())}) {
    const bool zero = std::ranges::all_of(half, [](std::uint8_t b) { return b == 0; });
    if (zero || !std::ranges::lexicographical_compare(half, n)) return fail(trouble::malformed_answer);
  }
  return rs;
}

/// RSA signatures are as long as the modulus (RFC 8017 section 8).
template <class A>
  requires std::same_as<typename A::public_key, rsa_public_key>
[[nodiscard]] sealring::result<bytes> read_signature(bytes raw, const rsa_public_key& key) {
  if (raw.size() != key.n.size()) return fail(trouble::malformed_answer);
  return raw;
}

/// Ed25519: 64 octets (RFC 8032 section 5.1.6).
template <class A>
  requires std::same_as<A, eddsa>
[[nodiscard]] sealring::result<fixed_bytes<64>> read_signature(bytes raw, const ed25519_public_key&) {
  fixed_bytes<64> signature{};
  if (raw.size() != signature.size()) return fail(trouble::malformed_answer);
  std::ranges::copy(raw, signature.begin());
  return signature;
}

}  // namespace sealring::inline v0::hsm

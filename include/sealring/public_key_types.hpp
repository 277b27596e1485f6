// Public keys as values. How they are written and read: public_key.hpp.
#pragma once

#include "sealring/bytes.hpp"

#include <openssl/obj_mac.h>

#include <bit>
#include <variant>

namespace sealring::inline v0 {

/// Curves: the size of a coordinate in octets, and their name in libcrypto.
struct p256 {
  static constexpr std::size_t size = 32;
  static constexpr int nid = NID_X9_62_prime256v1;
};
/// P-384.
struct p384 {
  static constexpr std::size_t size = 48;
  static constexpr int nid = NID_secp384r1;
};
/// P-521.
struct p521 {
  static constexpr std::size_t size = 66;
  static constexpr int nid = NID_secp521r1;
};

/// A point, as two coordinates of fixed width, big-endian.
template <class Curve>
struct ec_public_key {
  fixed_bytes<Curve::size> x{};
  fixed_bytes<Curve::size> y{};

  friend bool operator==(const ec_public_key&, const ec_public_key&) = default;
};

/// Modulus and exponent, big-endian, without leading zeros.
struct rsa_public_key {
  bytes n;
  bytes e;

  std::size_t bits() const noexcept {
    return n.empty() ? 0 : (n.size() - 1) * 8 + static_cast<std::size_t>(std::bit_width(n.front()));
  }
  friend bool operator==(const rsa_public_key&, const rsa_public_key&) = default;
};

/// As RFC 8032 encodes it.
struct ed25519_public_key {
  fixed_bytes<32> value{};

  friend bool operator==(const ed25519_public_key&, const ed25519_public_key&) = default;
};

using any_public_key =
    std::variant<ec_public_key<p256>, ec_public_key<p384>, ec_public_key<p521>, rsa_public_key, ed25519_public_key>;

namespace detail {

/// std::visit for keys, at a fraction of what it costs to compile.
template <class F>
auto visit_key(const any_public_key& key, F&& f) {
  switch (key.index()) {
    case 0: return f(*std::get_if<0>(&key));
    case 1: return f(*std::get_if<1>(&key));
    case 2: return f(*std::get_if<2>(&key));
    case 3: return f(*std::get_if<3>(&key));
    default: return f(*std::get_if<4>(&key));
  }
}

}  // namespace detail

/// "p256", "rsa2048", "ed25519", ...: for people and configurations.
[[nodiscard]] inline std::string kind_of(const any_public_key& key) {
  struct names_kind {
    std::string operator()(const ec_public_key<p256>&) const { return "p256"; }
    std::string operator()(const ec_public_key<p384>&) const { return "p384"; }
    std::string operator()(const ec_public_key<p521>&) const { return "p521"; }
    std::string operator()(const rsa_public_key& k) const { return "rsa" + std::to_string(k.bits()); }
    std::string operator()(const ed25519_public_key&) const { return "ed25519"; }
  };
  return detail::visit_key(key, names_kind{});
}

}  // namespace sealring::inline v0

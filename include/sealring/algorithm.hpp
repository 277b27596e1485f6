// Signature algorithms: empty types that hold the cryptographic facts.
//
// An algorithm names its public key, its one signature encoding (r||s of fixed width for ECDSA, never DER), and its input: a
// digest of the right hash, or the message itself for Ed25519. Its JOSE, X.509 and PKCS#11 names live in those layers, one line
// each, so that adding an algorithm is one tag here and one line there, and a forgotten one fails to compile.
#pragma once

#include "sealring/digest.hpp"
#include "sealring/public_key_types.hpp"

#include <concepts>
#include <type_traits>

namespace sealring::inline v0 {

/// Run-time identity, for wires, logs and policies. Values are stable.
enum class algorithm_id : std::uint8_t { es256 = 1, es384 = 2, es512 = 3, rs256 = 4, ps256 = 5, eddsa = 6 };

inline constexpr algorithm_id every_algorithm[] = {algorithm_id::es256, algorithm_id::es384, algorithm_id::es512,
                                                   algorithm_id::rs256, algorithm_id::ps256, algorithm_id::eddsa};

/// A signature algorithm at compile time: its types, and what a signer is given of a message.
template <class A>
concept algorithm = std::is_empty_v<A> && std::semiregular<A> && requires(message m) {
  typename A::public_key;                                        // a value type
  typename A::signature;                                         // one encoding per algorithm
  { A::prepare(m) } -> std::same_as<result<typename A::input>>;  // digest<H>; for Ed25519 the message itself
  { A::id } -> std::convertible_to<algorithm_id>;                // run-time identity
};

namespace detail {

template <class Hash>
struct signs_digest {
  using hash_type = Hash;
  using input = digest<Hash>;
  static result<input> prepare(message m) { return hash<Hash>(m); }
};

template <class Curve, class Hash>
struct ecdsa : signs_digest<Hash> {
  using curve = Curve;
  using public_key = ec_public_key<Curve>;
  using signature = fixed_bytes<2 * Curve::size>;
};

template <class Hash>
struct rsa : signs_digest<Hash> {
  using public_key = rsa_public_key;
  using signature = bytes;  // as long as the modulus
};

}  // namespace detail

/// ECDSA on P-256 with SHA-256 (RFC 7518 section 3.4)
struct es256 : detail::ecdsa<p256, sha256> {
  static constexpr auto id = algorithm_id::es256;
};

/// ECDSA on P-384 with SHA-384
struct es384 : detail::ecdsa<p384, sha384> {
  static constexpr auto id = algorithm_id::es384;
};

/// ECDSA on P-521 with SHA-512
struct es512 : detail::ecdsa<p521, sha512> {
  static constexpr auto id = algorithm_id::es512;
};

/// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 section 3.3)
struct rs256 : detail::rsa<sha256> {
  static constexpr auto id = algorithm_id::rs256;
};

/// RSASSA-PSS with SHA-256, MGF1 with SHA-256, a salt as long as the hash (RFC 7518 section 3.5)
struct ps256 : detail::rsa<sha256> {
  static constexpr auto id = algorithm_id::ps256;
};

/// Ed25519 (RFC 8037 section 3.1). Its input is the message itself, which must outlive the operation.
struct eddsa {
  using public_key = ed25519_public_key;
  using signature = fixed_bytes<64>;
  using input = message;
  static constexpr auto id = algorithm_id::eddsa;
  static result<input> prepare(message m) { return m; }
};

}  // namespace sealring::inline v0

// HMAC as a JWS signature (RFC 7518 section 3.2), for external account binding (RFC 8555 section 7.3.4): made by a client,
// checked by a CA.
//
// Not a `signer`: there is no public key, and the secret is the CA's as much as ours.
#pragma once

#include "sealring/jose/jws.hpp"

namespace sealring::inline v0::jose {

/// RFC 7518 section 3.2.
enum class hmac_algorithm : std::uint8_t { hs256, hs384, hs512 };

[[nodiscard]] constexpr std::string_view name(hmac_algorithm a) noexcept {
  constexpr std::string_view names[] = {"HS256", "HS384", "HS512"};
  return names[static_cast<std::size_t>(a)];
}

/// Safe from many threads while nobody changes it.
struct hmac_key {
  std::string kid;      ///< the key identifier that the CA gave out
  secret_bytes secret;  ///< the MAC key, decoded
  hmac_algorithm algorithm = hmac_algorithm::hs256;

  void add_to(object_writer& header) const { header.text("alg", name(algorithm)).text("kid", kid); }

  /// Of a MAC, in octets.
  [[nodiscard]] std::size_t size() const noexcept { return static_cast<std::size_t>(EVP_MD_get_size(hash())); }

  /// errc::bad_length without a secret. One that is too short for RFC 7518 is used: some CAs give such out.
  [[nodiscard]] result<bytes> sign(message m) const;

  /// errc::bad_signature, without further detail, unless it is the message's MAC; compared in constant time. errc::bad_length
  /// if the secret is too short to prove anything. RFC 7518 section 3.2: "A key of the same size as the hash output [...] or
  /// larger MUST be used with this algorithm."
  [[nodiscard]] result<void> check(message m, bytes_view mac) const;

private:
  [[nodiscard]] const EVP_MD* hash() const noexcept;
};

}  // namespace sealring::inline v0::jose

#ifndef SEALRING_COMPILED
#include "sealring/jose/impl/hmac.ipp"
#endif

// HMAC as a JWS signer (RFC 7518 section 3.2), for external account binding (RFC 8555 section 7.3.4).
//
// Not a `signer`: there is no public key, and the secret is the CA's as much as ours.
#pragma once

#include "sealring/jose/jws.hpp"

#include <openssl/hmac.h>

namespace sealring::inline v0::jose {

enum class hmac_algorithm : std::uint8_t { hs256, hs384, hs512 };

[[nodiscard]] constexpr std::string_view name(hmac_algorithm a) noexcept {
  constexpr std::string_view names[] = {"HS256", "HS384", "HS512"};
  return names[static_cast<std::size_t>(a)];
}

struct hmac_key {
  std::string kid;      ///< the key identifier that the CA gave out
  secret_bytes secret;  ///< the MAC key, decoded
  hmac_algorithm algorithm = hmac_algorithm::hs256;

  [[nodiscard]] std::string header_members() const {
    return json_member("alg", name(algorithm)) + ',' + json_member("kid", kid);
  }

  [[nodiscard]] result<bytes> sign(message m) const {
    const EVP_MD* hashes[] = {EVP_sha256(), EVP_sha384(), EVP_sha512()};
    bytes mac(EVP_MAX_MD_SIZE);
    unsigned size = 0;
    if (HMAC(hashes[static_cast<std::size_t>(algorithm)], secret.data(), static_cast<int>(secret.size()), m.data(), m.size(),
             mac.data(), &size) == nullptr)
      return sealring::detail::crypto_failure();
    mac.resize(size);
    return mac;
  }
};

}  // namespace sealring::inline v0::jose

#pragma once

#include "sealring/jose/hmac.hpp"

#include <openssl/hmac.h>

namespace sealring::inline v0::jose {

SEALRING_INLINE result<bytes> hmac_key::sign(message m) const {
  if (secret.empty()) return fail(errc::bad_length);
  bytes mac(EVP_MAX_MD_SIZE);
  unsigned size = 0;
  if (HMAC(hash(), secret.data(), static_cast<int>(secret.size()), m.data(), m.size(), mac.data(), &size) == nullptr)
    return sealring::detail::crypto_failure();
  mac.resize(size);
  return mac;
}

SEALRING_INLINE result<void> hmac_key::check(message m, bytes_view mac) const {
  if (secret.size() < size()) return fail(errc::bad_length);
  const auto own = sign(m);
  if (!own) return own.error();
  if (own->size() != mac.size() || CRYPTO_memcmp(own->data(), mac.data(), mac.size()) != 0) return fail(errc::bad_signature);
  return {};
}

SEALRING_INLINE const EVP_MD* hmac_key::hash() const noexcept {
  const EVP_MD* hashes[] = {EVP_sha256(), EVP_sha384(), EVP_sha512()};
  return hashes[static_cast<std::size_t>(algorithm)];
}

}  // namespace sealring::inline v0::jose

// software_key: any EVP_PKEY as a signer, and so any OpenSSL 3 provider's key.
//
// For tests, for migration, and for keys that some other provider (pkcs11-provider, tpm2, a cloud KMS) holds behind libcrypto.
// A key generated here lives in this process's memory: not for production.
#pragma once

#include "sealring/any_signer.hpp"
#include "sealring/detail/evp.hpp"

namespace sealring::inline v0 {

namespace detail {

/// A provider's key may not answer for its own parameters: its SubjectPublicKeyInfo is read by the default provider instead.
inline result<any_public_key> public_key_of_evp(EVP_PKEY* key) {
  const bytes spki = to_der<i2d_PUBKEY>(key);
  if (spki.empty()) return crypto_failure(errc::bad_public_key);
  return from_spki(spki);
}

}  // namespace detail

/// Copies share the key; safe from many threads.
template <algorithm A>
class software_key {
public:
  using algorithm_type = A;

  /// Shares `key` (its reference count is raised). errc::wrong_key_type where the key does not fit the algorithm.
  [[nodiscard]] static result<software_key> from(EVP_PKEY* key) {
    auto any = detail::public_key_of_evp(key);
    if (!any) return any.error();
    auto* mine = std::get_if<typename A::public_key>(&*any);
    if (mine == nullptr) return fail(errc::wrong_key_type);
    EVP_PKEY_up_ref(key);
    return software_key{detail::evp_pkey{key}, std::move(*mine)};
  }

  /// A new key in this process's memory. `rsa_bits` is for the RSA algorithms only.
  [[nodiscard]] static result<software_key> generate(unsigned rsa_bits = 2048) {
    detail::evp_pkey key;
    if constexpr (detail::is_ecdsa<A>) key.reset(EVP_EC_gen(OBJ_nid2sn(A::curve::nid)));
    else if constexpr (std::same_as<A, eddsa>) key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    else key.reset(EVP_RSA_gen(rsa_bits));
    if (!key) return detail::crypto_failure();
    return from(key.get());
  }

  const typename A::public_key& public_key() const noexcept { return public_key_; }

  [[nodiscard]] result<typename A::signature> sign(const typename A::input& in) const {
    auto raw = detail::evp_sign<A>(key_.get(), in);
    if (!raw) return raw.error();
    if constexpr (detail::is_ecdsa<A>) {
      return ecdsa_from_der<std::tuple_size_v<typename A::signature>>(*raw);
    } else if constexpr (std::same_as<A, eddsa>) {
      typename A::signature fixed{};
      if (raw->size() != fixed.size()) return fail(errc::bad_length);
      copy_bytes(*raw, fixed.data());
      return fixed;
    } else {
      return raw;
    }
  }

private:
  software_key(detail::shared_evp_pkey key, typename A::public_key public_key)
      : key_{std::move(key)}, public_key_{std::move(public_key)} {}
  detail::shared_evp_pkey key_;
  typename A::public_key public_key_;
};

}  // namespace sealring::inline v0

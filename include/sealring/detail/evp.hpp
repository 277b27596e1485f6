// What libcrypto must be told to sign or verify with each algorithm.
#pragma once

#include "sealring/algorithm.hpp"
#include "sealring/ecdsa_der.hpp"

#include <openssl/rsa.h>

namespace sealring::inline v0::detail {

template <class A>
inline constexpr bool is_ecdsa = false;
template <class A>
  requires requires { typename A::curve; }
inline constexpr bool is_ecdsa<A> = true;

/// Hash and padding, for the algorithms that sign a digest.
template <algorithm A>
bool configure(EVP_PKEY_CTX* ctx) noexcept {
  if (EVP_PKEY_CTX_set_signature_md(ctx, A::hash_type::evp()) <= 0) return false;
  if constexpr (std::same_as<A, rs256>) return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) > 0;
  if constexpr (std::same_as<A, ps256>)
    return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) > 0 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, A::hash_type::evp()) > 0 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) > 0;
  return true;
}

/// Room for any signature libcrypto can make with the keys sealring knows (RSA-16384).
inline constexpr std::size_t largest_signature = 2048;

template <algorithm A>
result<bytes> evp_sign(EVP_PKEY* key, const typename A::input& in) {
  bytes out(largest_signature);
  std::size_t size = out.size();
  if constexpr (std::same_as<A, eddsa>) {
    const evp_md_ctx ctx{EVP_MD_CTX_new()};
    if (!ctx || EVP_DigestSignInit(ctx.get(), nullptr, nullptr, nullptr, key) != 1 ||
        EVP_DigestSign(ctx.get(), out.data(), &size, in.data(), in.size()) != 1)
      return crypto_failure();
  } else {
    const evp_pkey_ctx ctx{EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr)};
    if (!ctx || EVP_PKEY_sign_init(ctx.get()) != 1 || !configure<A>(ctx.get()) ||
        EVP_PKEY_sign(ctx.get(), out.data(), &size, in.view().data(), in.view().size()) != 1)
      return crypto_failure();
  }
  out.resize(size);
  return out;
}

template <algorithm A>
bool evp_verify(EVP_PKEY* key, const typename A::input& in, bytes_view signature) {
  // "If the length of the signature S is not k octets, output "invalid signature" and stop." (RFC 8017 section 8.1.2), which
  // libcrypto does not see to for PSS
  if constexpr (std::same_as<typename A::public_key, rsa_public_key>)
    if (std::cmp_not_equal(signature.size(), EVP_PKEY_get_size(key))) return false;
  bool good = false;
  if constexpr (std::same_as<A, eddsa>) {
    const evp_md_ctx ctx{EVP_MD_CTX_new()};
    good = ctx && EVP_DigestVerifyInit(ctx.get(), nullptr, nullptr, nullptr, key) == 1 &&
           EVP_DigestVerify(ctx.get(), signature.data(), signature.size(), in.data(), in.size()) == 1;
  } else {
    const evp_pkey_ctx ctx{EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr)};
    good = ctx && EVP_PKEY_verify_init(ctx.get()) == 1 && configure<A>(ctx.get()) &&
           EVP_PKEY_verify(ctx.get(), signature.data(), signature.size(), in.view().data(), in.view().size()) == 1;
  }
  if (!good) ERR_clear_error();
  return good;
}

}  // namespace sealring::inline v0::detail

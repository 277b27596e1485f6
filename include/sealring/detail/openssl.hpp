// Owners for libcrypto's objects. Each frees what it holds; none is shared unless it says so.
#pragma once

#include "sealring/bytes.hpp"
#include "sealring/result.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include <utility>

namespace sealring::inline v0::detail {

/// As std::unique_ptr, without <memory>, which costs every translation unit half of what <openssl/x509.h> and the std base do.
template <class T, auto Free>
class owned {
public:
  owned() = default;
  owned(std::nullptr_t) noexcept {}
  explicit owned(T* p) noexcept : p_{p} {}
  owned(owned&& other) noexcept : p_{other.release()} {}
  owned& operator=(owned&& other) noexcept {
    reset(other.release());
    return *this;
  }
  ~owned() { reset(); }

  T* get() const noexcept { return p_; }
  T* operator->() const noexcept { return p_; }
  T& operator*() const noexcept { return *p_; }
  explicit operator bool() const noexcept { return p_ != nullptr; }
  friend bool operator==(const owned& a, std::nullptr_t) noexcept { return a.p_ == nullptr; }

  [[nodiscard]] T* release() noexcept { return std::exchange(p_, nullptr); }
  void reset(T* p = nullptr) noexcept {
    if (T* old = std::exchange(p_, p)) Free(old);
  }

private:
  T* p_ = nullptr;
};

/// As std::shared_ptr, counted by libcrypto itself: copies share the object.
template <class T, auto UpRef, auto Free>
class shared {
public:
  shared() = default;
  shared(owned<T, Free> first) noexcept : p_{std::move(first)} {}
  shared(const shared& other) noexcept : p_{other.get()} {
    if (p_) UpRef(other.get());
  }
  shared(shared&&) noexcept = default;
  shared& operator=(shared other) noexcept {
    p_ = std::move(other.p_);
    return *this;
  }
  ~shared() = default;

  T* get() const noexcept { return p_.get(); }

private:
  owned<T, Free> p_;
};

using evp_pkey = owned<EVP_PKEY, EVP_PKEY_free>;
using evp_pkey_ctx = owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using evp_md_ctx = owned<EVP_MD_CTX, EVP_MD_CTX_free>;
using bignum = owned<BIGNUM, BN_free>;
using bio = owned<BIO, BIO_free_all>;
using ecdsa_sig = owned<ECDSA_SIG, ECDSA_SIG_free>;
using x509 = owned<X509, X509_free>;
using x509_req = owned<X509_REQ, X509_REQ_free>;
using shared_evp_pkey = shared<EVP_PKEY, EVP_PKEY_up_ref, EVP_PKEY_free>;
using shared_x509 = shared<X509, X509_up_ref, X509_free>;
using x509_pubkey = owned<X509_PUBKEY, X509_PUBKEY_free>;
using x509_algor = owned<X509_ALGOR, X509_ALGOR_free>;
using x509_extension = owned<X509_EXTENSION, X509_EXTENSION_free>;
using general_name = owned<GENERAL_NAME, GENERAL_NAME_free>;
using asn1_integer = owned<ASN1_INTEGER, ASN1_INTEGER_free>;

using general_names = owned<GENERAL_NAMES, GENERAL_NAMES_free>;

inline void free_extensions(STACK_OF(X509_EXTENSION) * p) noexcept { sk_X509_EXTENSION_pop_free(p, X509_EXTENSION_free); }
using x509_extensions = owned<STACK_OF(X509_EXTENSION), free_extensions>;

/// Runs one of libcrypto's i2d functions: once for the length, once for the bytes. Empty on failure.
template <auto Encode, class T>
bytes to_der(T* object) {
  const int size = Encode(object, nullptr);
  if (size <= 0) return {};
  bytes der(static_cast<std::size_t>(size));
  unsigned char* out = der.data();
  if (Encode(object, &out) != size) der.clear();
  return der;
}

/// Runs one of libcrypto's d2i functions and demands that it consumes every byte.
template <class Owner, auto Decode>
Owner from_der(bytes_view der) {
  const unsigned char* in = der.data();
  Owner object{Decode(nullptr, &in, static_cast<long>(der.size()))};
  if (object && in != der.data() + der.size()) object.reset();
  if (!object) ERR_clear_error();
  return object;
}

/// Takes the blame of a failed libcrypto call off the thread's error queue: TLS code in the same thread must not find it.
inline std::error_code crypto_failure(errc e = errc::crypto_library_failed) noexcept {
  ERR_clear_error();
  return fail(e);
}

}  // namespace sealring::inline v0::detail

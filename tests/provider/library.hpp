// A library context of its own with the provider in it, and what tests ask of keys there.
#pragma once

#include "agent/client/key_reference.hpp"
#include "agent/scratch.hpp"
#include "sealring/detail/openssl.hpp"
#include "unit/support.hpp"

#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/provider.h>

#include <chrono>

namespace sealring::test {

/// All that stands on the queue, which is empty then.
inline std::string take_errors() {
  std::string all;
  const char* data = nullptr;
  int flags = 0;
  while (const auto code = ERR_get_error_all(nullptr, nullptr, nullptr, &data, &flags)) {
    const char* const reason = ERR_reason_error_string(code);
    all += std::string{reason == nullptr ? "?" : reason} + ": " + ((flags & ERR_TXT_STRING) != 0 ? data : "") + "\n";
  }
  return all;
}

inline bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

class library {
public:
  /// As a server has it: from an openssl.cnf, with more lines for the provider's section.
  explicit library(const std::string& lines = {}) : context_{OSSL_LIB_CTX_new()} {
    spill(folder_ / "openssl.cnf",
          "openssl_conf = init\n[init]\nproviders = providers\n"
          "[providers]\ndefault = software\nsealring = sealring\n"
          "[software]\nactivate = 1\n[sealring]\nactivate = 1\n" +
              lines);
    REQUIRE(OSSL_PROVIDER_set_default_search_path(context_, PROVIDER_FOLDER) == 1);
    loaded_ = OSSL_LIB_CTX_load_config(context_, (folder_ / "openssl.cnf").c_str()) == 1;
  }
  library(const library&) = delete;
  library& operator=(const library&) = delete;
  ~library() { OSSL_LIB_CTX_free(context_); }

  OSSL_LIB_CTX* get() const { return context_; }
  bool loaded() const { return loaded_ && OSSL_PROVIDER_available(context_, "sealring") == 1; }

  /// nullptr where there is none; the queue says why.
  detail::evp_pkey read(std::string_view pem) const {
    const detail::bio in{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
    return detail::evp_pkey{PEM_read_bio_PrivateKey_ex(in.get(), nullptr, nullptr, nullptr, context_, nullptr)};
  }

  /// The public half, in the default provider.
  detail::evp_pkey software(bytes_view spki) const {
    const auto* at = spki.data();
    detail::evp_pkey key{d2i_PUBKEY_ex(nullptr, &at, static_cast<long>(spki.size()), context_, "provider=default")};
    REQUIRE(key);
    return key;
  }

private:
  scratch_folder folder_;
  OSSL_LIB_CTX* context_;
  bool loaded_ = false;
};

/// How a signature is made: a hash by its name, and for RSA the padding.
struct manner {
  const char* hash = nullptr;
  int padding = 0;
  const char* salt = nullptr;

  bool apply(EVP_PKEY_CTX* ctx) const {
    if (padding != 0 && EVP_PKEY_CTX_set_rsa_padding(ctx, padding) != 1) return false;
    return salt == nullptr || EVP_PKEY_CTX_ctrl_str(ctx, "rsa_pss_saltlen", salt) == 1;
  }
};

template <class A>
manner manner_of() {
  if constexpr (std::same_as<A, eddsa>) return {};
  else if constexpr (std::same_as<A, es384>) return {.hash = "SHA384"};
  else if constexpr (std::same_as<A, es512>) return {.hash = "SHA512"};
  else if constexpr (std::same_as<A, ps256>) return {.hash = "SHA256", .padding = RSA_PKCS1_PSS_PADDING, .salt = "digest"};
  else return {.hash = "SHA256"};
}

/// As libssl signs. Empty on failure.
inline bytes sign_whole(const library& in, EVP_PKEY* key, bytes_view message, const manner& how = {"SHA256"}) {
  const detail::evp_md_ctx ctx{EVP_MD_CTX_new()};
  EVP_PKEY_CTX* settings = nullptr;
  std::size_t size = 0;
  if (EVP_DigestSignInit_ex(ctx.get(), &settings, how.hash, in.get(), nullptr, key, nullptr) != 1 || !how.apply(settings) ||
      EVP_DigestSign(ctx.get(), nullptr, &size, message.data(), message.size()) != 1)
    return {};
  bytes signature(size);
  if (EVP_DigestSign(ctx.get(), signature.data(), &size, message.data(), message.size()) != 1) return {};
  signature.resize(size);
  return signature;
}

/// As `openssl dgst` signs: in pieces.
inline bytes sign_pieces(const library& in, EVP_PKEY* key, bytes_view message, std::size_t piece, const manner& how) {
  const detail::evp_md_ctx ctx{EVP_MD_CTX_new()};
  EVP_PKEY_CTX* settings = nullptr;
  if (EVP_DigestSignInit_ex(ctx.get(), &settings, how.hash, in.get(), nullptr, key, nullptr) != 1 || !how.apply(settings))
    return {};
  for (; !message.empty(); message = message.subspan(std::min(piece, message.size())))
    if (EVP_DigestSignUpdate(ctx.get(), message.data(), std::min(piece, message.size())) != 1) return {};
  std::size_t size = 0;
  if (EVP_DigestSignFinal(ctx.get(), nullptr, &size) != 1) return {};
  bytes signature(size);
  if (EVP_DigestSignFinal(ctx.get(), signature.data(), &size) != 1) return {};
  signature.resize(size);
  return signature;
}

/// As `openssl pkeyutl` signs.
inline bytes sign_digest(const library& in, EVP_PKEY* key, bytes_view digest, const manner& how) {
  const detail::evp_pkey_ctx ctx{EVP_PKEY_CTX_new_from_pkey(in.get(), key, nullptr)};
  std::size_t size = 0;
  if (EVP_PKEY_sign_init(ctx.get()) != 1 || !how.apply(ctx.get()) ||
      (how.hash != nullptr && EVP_PKEY_CTX_set_signature_md(ctx.get(), EVP_get_digestbyname(how.hash)) != 1) ||
      EVP_PKEY_sign(ctx.get(), nullptr, &size, digest.data(), digest.size()) != 1)
    return {};
  bytes signature(size);
  if (EVP_PKEY_sign(ctx.get(), signature.data(), &size, digest.data(), digest.size()) != 1) return {};
  signature.resize(size);
  return signature;
}

/// By whichever provider the key is of.
inline bool verify_whole(const library& in, EVP_PKEY* key, bytes_view message, bytes_view signature, const manner& how) {
  const detail::evp_md_ctx ctx{EVP_MD_CTX_new()};
  EVP_PKEY_CTX* settings = nullptr;
  return EVP_DigestVerifyInit_ex(ctx.get(), &settings, how.hash, in.get(), nullptr, key, nullptr) == 1 && how.apply(settings) &&
         EVP_DigestVerify(ctx.get(), signature.data(), signature.size(), message.data(), message.size()) == 1;
}

/// What a reference to the test's keeper says.
inline client::key_reference reference_to(std::vector<std::string> sockets, bytes spki) {
  return {.key = "example.com", .sockets = std::move(sockets), .agent = ::geteuid(), .spki = std::move(spki)};
}

inline std::string pem_of(const client::key_reference& r) { return client::to_pem(r).value(); }

using clock = std::chrono::steady_clock;

template <class Work>
std::chrono::milliseconds time_of(Work work) {
  const auto start = clock::now();
  work();
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - start);
}

}  // namespace sealring::test

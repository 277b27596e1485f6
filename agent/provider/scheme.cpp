#include "agent/provider/scheme.hpp"

#include "sealring/x509/algorithm_identifier.hpp"

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

#include <charconv>

namespace sealring::provider {
namespace {

/// A parameter's text; empty where it is none.
std::string_view text_of(const OSSL_PARAM& p) {
  const char* text = nullptr;
  if (OSSL_PARAM_get_utf8_string_ptr(&p, &text) == 1 && text != nullptr) return text;
  if (p.data_type != OSSL_PARAM_UTF8_STRING || p.data == nullptr) return {};
  const std::string_view whole{static_cast<const char*>(p.data), p.data_size};
  return whole.substr(0, whole.find('\0'));
}

/// Some callers send numbers, others words, others numbers in words.
std::optional<int> number_of(const OSSL_PARAM& p, std::initializer_list<std::pair<std::string_view, int>> words) {
  int value = 0;
  if (p.data_type == OSSL_PARAM_INTEGER || p.data_type == OSSL_PARAM_UNSIGNED_INTEGER)
    return OSSL_PARAM_get_int(&p, &value) == 1 ? std::optional{value} : std::nullopt;
  const auto text = text_of(p);
  for (const auto& [word, meaning] : words)
    if (text == word) return meaning;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  return end.ec == std::errc{} && end.ptr == text.data() + text.size() ? std::optional{value} : std::nullopt;
}

/// Answers in whichever form was asked for.
bool put(OSSL_PARAM& p, int number, const char* word) {
  return p.data_type == OSSL_PARAM_UTF8_STRING ? OSSL_PARAM_set_utf8_string(&p, word) == 1
                                               : OSSL_PARAM_set_int(&p, number) == 1;
}

constexpr OSSL_PARAM line(const char* name, unsigned type) { return {name, type, nullptr, 0, OSSL_PARAM_UNMODIFIED}; }
constexpr OSSL_PARAM last{nullptr, 0, nullptr, 0, 0};

}  // namespace

const char* scheme::hash() const noexcept {
  switch (algorithm_) {
    case algorithm_id::es256:
    case algorithm_id::rs256:
    case algorithm_id::ps256: return OSSL_DIGEST_NAME_SHA2_256;
    case algorithm_id::es384: return OSSL_DIGEST_NAME_SHA2_384;
    case algorithm_id::es512: return OSSL_DIGEST_NAME_SHA2_512;
    case algorithm_id::eddsa: break;
  }
  return nullptr;
}

std::size_t scheme::hash_size() const noexcept {
  switch (algorithm_) {
    case algorithm_id::es256:
    case algorithm_id::rs256:
    case algorithm_id::ps256: return sha256::size;
    case algorithm_id::es384: return sha384::size;
    case algorithm_id::es512: return sha512::size;
    case algorithm_id::eddsa: break;
  }
  return 0;
}

bool scheme::refuse(const std::string& text) const { return owner_->raise(reason::unsupported, text) == 1; }

bool scheme::set_hash(const char* name) const {
  if (name == nullptr || *name == '\0') return true;
  if (hash() == nullptr) return refuse("Ed25519 signs messages, without a hash");
  EVP_MD* const meant = EVP_MD_fetch(owner_->library(), name, nullptr);
  const bool ours = meant != nullptr && EVP_MD_is_a(meant, hash()) == 1;
  EVP_MD_free(meant);
  return ours || refuse(std::string{"this key signs with "} + hash() + ", not with " + name);
}

bool scheme::set_padding(const OSSL_PARAM& p) {
  const auto mode =
      number_of(p, {{OSSL_PKEY_RSA_PAD_MODE_PKCSV15, RSA_PKCS1_PADDING}, {OSSL_PKEY_RSA_PAD_MODE_PSS, RSA_PKCS1_PSS_PADDING}});
  if (is_rsa() && mode == RSA_PKCS1_PADDING) algorithm_ = algorithm_id::rs256;
  else if (is_rsa() && mode == RSA_PKCS1_PSS_PADDING) algorithm_ = algorithm_id::ps256;
  else return refuse("RSA keys sign with pkcs1 or pss padding, others with none");
  return true;
}

/// The agent's salt is as long as the hash, the one length that TLS and JOSE know.
bool scheme::set_salt_length(const OSSL_PARAM& p) const {
  constexpr int automatic_up_to_digest = -4;  // OpenSSL 3.1
  const auto length = number_of(p, {{OSSL_PKEY_RSA_PSS_SALT_LEN_DIGEST, RSA_PSS_SALTLEN_DIGEST},
                                    {OSSL_PKEY_RSA_PSS_SALT_LEN_AUTO, RSA_PSS_SALTLEN_AUTO},
                                    {OSSL_PKEY_RSA_PSS_SALT_LEN_MAX, RSA_PSS_SALTLEN_MAX},
                                    {"auto-digestmax", automatic_up_to_digest}});
  const bool ours = length == RSA_PSS_SALTLEN_DIGEST || length == RSA_PSS_SALTLEN_AUTO || length == automatic_up_to_digest ||
                    length == static_cast<int>(hash_size());
  return ours || refuse("an RSA-PSS salt must be as long as the hash (rsa_pss_saltlen:digest)");
}

bool scheme::set(const OSSL_PARAM params[]) {
  for (const OSSL_PARAM* p = params; p != nullptr && p->key != nullptr; ++p) {
    const std::string_view name{p->key};
    if (name == OSSL_SIGNATURE_PARAM_DIGEST || name == OSSL_SIGNATURE_PARAM_MGF1_DIGEST) {
      if (!set_hash(std::string{text_of(*p)}.c_str())) return false;
    } else if (name == OSSL_SIGNATURE_PARAM_PAD_MODE) {
      if (!set_padding(*p)) return false;
    } else if (name == OSSL_SIGNATURE_PARAM_PSS_SALTLEN) {
      if (!set_salt_length(*p)) return false;
    }
  }
  return true;
}

bool scheme::get(OSSL_PARAM params[]) const {
  for (OSSL_PARAM* p = params; p != nullptr && p->key != nullptr; ++p) {
    const std::string_view name{p->key};
    bool good = true;
    if (name == OSSL_SIGNATURE_PARAM_ALGORITHM_ID) {
      const auto identifier = x509::algorithm_identifier(algorithm_);
      const bytes der = identifier ? detail::to_der<i2d_X509_ALGOR>(identifier.get()) : bytes{};
      good = !der.empty() && OSSL_PARAM_set_octet_string(p, der.data(), der.size()) == 1;
    } else if (name == OSSL_SIGNATURE_PARAM_DIGEST || name == OSSL_SIGNATURE_PARAM_MGF1_DIGEST) {
      good = OSSL_PARAM_set_utf8_string(p, hash() == nullptr ? "" : hash()) == 1;
    } else if (name == OSSL_SIGNATURE_PARAM_PAD_MODE) {
      good = is_pss() ? put(*p, RSA_PKCS1_PSS_PADDING, OSSL_PKEY_RSA_PAD_MODE_PSS)
                      : put(*p, RSA_PKCS1_PADDING, OSSL_PKEY_RSA_PAD_MODE_PKCSV15);
    } else if (name == OSSL_SIGNATURE_PARAM_PSS_SALTLEN) {
      good = put(*p, RSA_PSS_SALTLEN_DIGEST, OSSL_PKEY_RSA_PSS_SALT_LEN_DIGEST);
    }
    if (!good) return false;
  }
  return true;
}

const OSSL_PARAM* scheme::settable() noexcept {
  static constexpr OSSL_PARAM all[]{line(OSSL_SIGNATURE_PARAM_DIGEST, OSSL_PARAM_UTF8_STRING),
                                    line(OSSL_SIGNATURE_PARAM_PAD_MODE, OSSL_PARAM_UTF8_STRING),
                                    line(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, OSSL_PARAM_UTF8_STRING),
                                    line(OSSL_SIGNATURE_PARAM_MGF1_DIGEST, OSSL_PARAM_UTF8_STRING), last};
  return all;
}

const OSSL_PARAM* scheme::gettable() noexcept {
  static constexpr OSSL_PARAM all[]{line(OSSL_SIGNATURE_PARAM_ALGORITHM_ID, OSSL_PARAM_OCTET_STRING),
                                    line(OSSL_SIGNATURE_PARAM_DIGEST, OSSL_PARAM_UTF8_STRING),
                                    line(OSSL_SIGNATURE_PARAM_PAD_MODE, OSSL_PARAM_UTF8_STRING),
                                    line(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, OSSL_PARAM_UTF8_STRING),
                                    line(OSSL_SIGNATURE_PARAM_MGF1_DIGEST, OSSL_PARAM_UTF8_STRING),
                                    last};
  return all;
}

}  // namespace sealring::provider

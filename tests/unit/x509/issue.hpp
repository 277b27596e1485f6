// A CA for tests: certificates with exactly the contents that a test is about.
#pragma once

#include "sealring/x509/certificate.hpp"
#include "unit/support.hpp"

#include <openssl/conf.h>

namespace sealring::test {

struct contents {
  std::string subject = "leaf";
  std::string issuer = "leaf";
  std::string serial = "01";  // hexadecimal
  std::string not_before = "20240101000000Z";
  std::string not_after = "20340101000000Z";
  std::string names = {};       // subjectAltName as openssl.cnf(5) has it
  std::string raw_names = {};   // or its DER, hexadecimal
  std::string extensions = {};  // others, as openssl.cnf(5) has them
  EVP_PKEY* key = evp_of<es256>();
  EVP_PKEY* issuer_key = evp_of<es256>();
};

inline void set_name(X509_NAME* name, const std::string& common_name) {
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0);
}

/// Reads extensions as openssl.cnf(5) has them, sections and all; `add` is one of libcrypto's X509V3_EXT_..._add_nconf.
template <class T>
void add_extensions(const std::string& text, int (*add)(CONF*, X509V3_CTX*, const char*, T*), T* to) {
  const detail::owned<CONF, NCONF_free> conf{NCONF_new(nullptr)};
  const detail::bio in{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
  REQUIRE(NCONF_load_bio(conf.get(), in.get(), nullptr) == 1);
  X509V3_CTX ctx{};
  X509V3_set_ctx(&ctx, nullptr, nullptr, nullptr, nullptr, 0);
  X509V3_set_nconf(&ctx, conf.get());
  REQUIRE(add(conf.get(), &ctx, "default", to) == 1);
}

inline bytes issue_der(const contents& c) {
  const detail::x509 x509{X509_new()};
  X509_set_version(x509.get(), X509_VERSION_3);
  const bytes serial = unhex(c.serial);
  const detail::bignum number{BN_bin2bn(serial.data(), static_cast<int>(serial.size()), nullptr)};
  BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(x509.get()));
  set_name(X509_get_subject_name(x509.get()), c.subject);
  set_name(X509_get_issuer_name(x509.get()), c.issuer);
  REQUIRE(ASN1_TIME_set_string_X509(X509_getm_notBefore(x509.get()), c.not_before.c_str()) == 1);
  REQUIRE(ASN1_TIME_set_string_X509(X509_getm_notAfter(x509.get()), c.not_after.c_str()) == 1);
  X509_set_pubkey(x509.get(), c.key);
  detail::x509_extension san;
  if (!c.names.empty()) {
    X509V3_CTX ctx{};
    X509V3_set_ctx_nodb(&ctx);
    san.reset(X509V3_EXT_conf_nid(nullptr, &ctx, NID_subject_alt_name, c.names.c_str()));
  } else if (!c.raw_names.empty()) {
    const bytes raw = unhex(c.raw_names);
    const detail::owned<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free> value{ASN1_OCTET_STRING_new()};
    ASN1_OCTET_STRING_set(value.get(), raw.data(), static_cast<int>(raw.size()));
    san.reset(X509_EXTENSION_create_by_NID(nullptr, NID_subject_alt_name, 0, value.get()));
  }
  if (!c.names.empty() || !c.raw_names.empty()) REQUIRE(X509_add_ext(x509.get(), san.get(), -1) == 1);
  if (!c.extensions.empty()) add_extensions(c.extensions, X509V3_EXT_add_nconf, x509.get());
  REQUIRE(X509_sign(x509.get(), c.issuer_key, EVP_PKEY_is_a(c.issuer_key, "ED25519") ? nullptr : EVP_sha256()) > 0);
  ERR_clear_error();
  return detail::to_der<i2d_X509>(x509.get());
}

inline x509::certificate issue(const contents& c) { return must(x509::certificate::from_der(issue_der(c))); }

}  // namespace sealring::test

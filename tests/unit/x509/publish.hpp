// The CRLs of a CA for tests, with exactly the contents that a test is about.
#pragma once

#include "sealring/x509/crl.hpp"
#include "unit/x509/issue.hpp"

namespace sealring::test {

struct revoked_entry {
  std::string serial;
  std::string extensions = {};
};

struct revocation_list {
  std::string issuer = "ca";
  std::string this_update = "20260601000000Z";
  std::string next_update = "20260608000000Z";
  std::string extensions = "crlNumber=DER:020107";
  std::vector<revoked_entry> entries = {};
  EVP_PKEY* key = evp_of<es256>();
};

inline bytes publish(const revocation_list& l) {
  const detail::owned<X509_CRL, X509_CRL_free> crl{X509_CRL_new()};
  const detail::owned<X509_NAME, X509_NAME_free> issuer{X509_NAME_new()};
  const detail::owned<ASN1_TIME, ASN1_TIME_free> time{ASN1_TIME_new()};
  set_name(issuer.get(), l.issuer);
  X509_CRL_set_version(crl.get(), X509_CRL_VERSION_2);
  X509_CRL_set_issuer_name(crl.get(), issuer.get());
  REQUIRE(ASN1_TIME_set_string_X509(time.get(), l.this_update.c_str()) == 1);
  X509_CRL_set1_lastUpdate(crl.get(), time.get());
  for (const revoked_entry& e : l.entries) {
    detail::owned<X509_REVOKED, X509_REVOKED_free> revoked{X509_REVOKED_new()};
    const bytes raw = unhex(e.serial);
    const detail::bignum number{BN_bin2bn(raw.data(), static_cast<int>(raw.size()), nullptr)};
    const detail::asn1_integer serial{BN_to_ASN1_INTEGER(number.get(), nullptr)};
    X509_REVOKED_set_serialNumber(revoked.get(), serial.get());
    X509_REVOKED_set_revocationDate(revoked.get(), time.get());
    if (const auto equals = e.extensions.find('='); equals != std::string::npos) {
      const detail::x509_extension one{
          X509V3_EXT_nconf(nullptr, nullptr, e.extensions.substr(0, equals).c_str(), e.extensions.substr(equals + 1).c_str())};
      REQUIRE(X509_REVOKED_add_ext(revoked.get(), one.get(), -1) == 1);
    }
    REQUIRE(X509_CRL_add0_revoked(crl.get(), revoked.release()) == 1);
  }
  if (!l.next_update.empty()) {
    REQUIRE(ASN1_TIME_set_string_X509(time.get(), l.next_update.c_str()) == 1);
    X509_CRL_set1_nextUpdate(crl.get(), time.get());
  }
  if (!l.extensions.empty()) add_extensions(l.extensions, X509V3_EXT_CRL_add_nconf, crl.get());
  REQUIRE(X509_CRL_sign(crl.get(), l.key, EVP_sha256()) > 0);
  ERR_clear_error();
  return detail::to_der<i2d_X509_CRL>(crl.get());
}

/// Of a CA that publishes them.
inline const std::string ca_extensions = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign";

}  // namespace sealring::test

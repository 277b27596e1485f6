#pragma once

#include "sealring/x509/tls_alpn.hpp"

#include "sealring/detail/der.hpp"
#include "sealring/x509/extension.hpp"
#include "sealring/x509/fields.hpp"
#include "sealring/x509/subject_alt_name.hpp"

namespace sealring::inline v0::x509 {

namespace detail {

using namespace sealring::detail;

inline constexpr const char* acme_identifier_oid = "1.3.6.1.5.5.7.1.31";

/// acmeIdentifier ::= OCTET STRING (SIZE (32)); "The extension MUST be critical"
inline bool add_acme_identifier(X509* x509, const digest<sha256>& key_authorization) {
  return add_extension(x509, {acme_identifier_oid, true, der_element(V_ASN1_OCTET_STRING, {key_authorization.view()})});
}

inline bool add_names(X509* x509, const identifier& id) {
  // Not critical, since there is a subject (RFC 5280 section 4.2.1.6); that has to be, since there is an issuer.
  const auto san = general_names_der({&id, 1}, {}, {});
  X509_NAME* name = X509_get_subject_name(x509);
  const auto* text = reinterpret_cast<const unsigned char*>("ACME validation");
  return san && add_extension(x509, {std::string{subject_alt_name_oid}, false, *san}) &&
         X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_ASC, text, -1, -1, 0) == 1 &&
         X509_set_issuer_name(x509, name) == 1;
}

/// CAs do not look at the validity; the day on either side is for clocks that differ.
inline bool set_validity(X509* x509) {
  constexpr long day = 24L * 60 * 60;
  return X509_gmtime_adj(X509_getm_notBefore(x509), -day) != nullptr &&
         X509_gmtime_adj(X509_getm_notAfter(x509), 7 * day) != nullptr;
}

}  // namespace detail

SEALRING_INLINE result<std::string> tls_alpn_server_name(const identifier& id) {
  if (const auto checked = parse_identifier(id.value); !checked || *checked != id || id.wildcard()) return fail(errc::bad_name);
  const bytes octets = ip_octets(id);
  if (octets.empty()) return id.value;
  const bool v6 = octets.size() == 16;
  std::string name;
  for (auto octet = octets.rbegin(); octet != octets.rend(); ++octet) {
    const std::string hex = detail::to_hex({&*octet, 1});
    if (v6) name += {hex[1], '.', hex[0], '.'};  // nibbles (RFC 3596 section 2.5)
    else name += std::to_string(*octet) + '.';   // decimal (RFC 1035 section 3.5)
  }
  return name + (v6 ? "ip6.arpa" : "in-addr.arpa");
}

SEALRING_INLINE result<tls_alpn_certificate> make_tls_alpn_certificate(const identifier& id,
                                                                       const digest<sha256>& key_authorization) {
  if (const auto name = tls_alpn_server_name(id); !name) return name.error();
  tls_alpn_certificate made{sealring::detail::x509{X509_new()}, sealring::detail::evp_pkey{EVP_EC_gen("P-256")}};
  X509* x509 = made.certificate.get();
  if (x509 == nullptr || !made.key || X509_set_version(x509, X509_VERSION_3) != 1 ||
      ASN1_INTEGER_set(X509_get_serialNumber(x509), 1) != 1 || !detail::add_names(x509, id) || !detail::set_validity(x509) ||
      !detail::add_acme_identifier(x509, key_authorization) || X509_set_pubkey(x509, made.key.get()) != 1 ||
      X509_sign(x509, made.key.get(), EVP_sha256()) <= 0)
    return sealring::detail::crypto_failure();
  return made;
}

}  // namespace sealring::inline v0::x509

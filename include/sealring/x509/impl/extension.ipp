#pragma once

#include "sealring/x509/extension.hpp"

#include "sealring/detail/der.hpp"
#include "sealring/x509/fields.hpp"

namespace sealring::inline v0::x509 {

SEALRING_INLINE extension must_staple() { return {std::string{tls_feature_oid}, false, {0x30, 0x03, 0x02, 0x01, 0x05}}; }

namespace detail {

using asn1_object = sealring::detail::owned<ASN1_OBJECT, ASN1_OBJECT_free>;

SEALRING_INLINE bytes oid_der(const std::string& dotted) {
  const asn1_object oid{OBJ_txt2obj(dotted.c_str(), 1)};
  ERR_clear_error();
  return oid ? sealring::detail::to_der<i2d_ASN1_OBJECT>(oid.get()) : bytes{};
}

SEALRING_INLINE void append_extension(bytes& out, bytes_view oid_der, bool critical, bytes_view value) {
  static constexpr std::uint8_t yes[] = {V_ASN1_BOOLEAN, 1, 0xff};
  const bytes octet_string = sealring::detail::der_element(V_ASN1_OCTET_STRING, {value});
  sealring::detail::append_der(out, sealring::detail::der_sequence,
                               {oid_der, critical ? bytes_view{yes} : bytes_view{}, octet_string});
}

SEALRING_INLINE bool add_extension(X509* x509, const extension& e) {
  bytes der;
  append_extension(der, oid_der(e.oid), e.critical, e.value);
  const auto one = sealring::detail::from_der<sealring::detail::x509_extension, d2i_X509_EXTENSION>(der);
  return one && X509_add_ext(x509, one.get(), -1) == 1;
}

SEALRING_INLINE std::vector<extension> read_extensions(const STACK_OF(X509_EXTENSION) * list) {
  std::vector<extension> all;
  for (int i = 0; i < X509v3_get_ext_count(list); ++i) {
    X509_EXTENSION* one = X509v3_get_ext(list, i);
    const bytes_view value = octets(X509_EXTENSION_get_data(one));
    all.push_back(
        {to_dotted(X509_EXTENSION_get_object(one)), X509_EXTENSION_get_critical(one) != 0, bytes(value.begin(), value.end())});
  }
  return all;
}

}  // namespace detail

}  // namespace sealring::inline v0::x509

#pragma once

#include "sealring/x509/distinguished_name.hpp"

#include "sealring/x509/fields.hpp"

namespace sealring::inline v0::x509 {

namespace detail {

inline name_attribute to_attribute(const X509_NAME_ENTRY* entry) {
  const ASN1_OBJECT* type = X509_NAME_ENTRY_get_object(entry);
  const int nid = OBJ_obj2nid(type);
  return {nid == NID_undef ? to_dotted(type) : OBJ_nid2sn(nid), to_utf8(X509_NAME_ENTRY_get_data(entry))};
}

using x509_name = sealring::detail::owned<X509_NAME, X509_NAME_free>;

SEALRING_INLINE result<bytes> name_der(const distinguished_name& name) {
  if (name.empty()) return bytes{0x30, 0x00};
  const x509_name out{X509_NAME_new()};
  for (const auto& [type, value] : name) {
    const auto* text = reinterpret_cast<const unsigned char*>(value.data());
    const int size = static_cast<int>(value.size());
    if (!out || X509_NAME_add_entry_by_txt(out.get(), type.c_str(), MBSTRING_UTF8, text, size, -1, 0) != 1)
      return sealring::detail::crypto_failure(errc::bad_name);
  }
  return sealring::detail::to_der<i2d_X509_NAME>(out.get());
}

}  // namespace detail

SEALRING_INLINE distinguished_name to_distinguished_name(const X509_NAME* name) {
  distinguished_name out;
  for (int i = 0; i < X509_NAME_entry_count(name); ++i) out.push_back(detail::to_attribute(X509_NAME_get_entry(name, i)));
  return out;
}

}  // namespace sealring::inline v0::x509

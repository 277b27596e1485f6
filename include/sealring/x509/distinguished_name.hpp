// Distinguished names (RFC 5280 section 4.1.2.4), as values.
#pragma once

#include "sealring/x509/fields.hpp"

namespace sealring::inline v0::x509 {

/// AttributeTypeAndValue
struct name_attribute {
  std::string type;   ///< "CN", "O", "C", ..., or an OID in dotted decimal
  std::string value;  ///< UTF-8

  friend bool operator==(const name_attribute&, const name_attribute&) = default;
};

/// RDNSequence: from the most general part to the most specific, each of one attribute.
using distinguished_name = std::vector<name_attribute>;

namespace detail {

using x509_name = sealring::detail::owned<X509_NAME, X509_NAME_free>;

inline name_attribute to_attribute(const X509_NAME_ENTRY* entry) {
  const ASN1_OBJECT* type = X509_NAME_ENTRY_get_object(entry);
  const int nid = OBJ_obj2nid(type);
  return {nid == NID_undef ? to_dotted(type) : OBJ_nid2sn(nid), to_utf8(X509_NAME_ENTRY_get_data(entry))};
}

/// Name, DER. errc::bad_name for an unknown type, and for a value that is not as long, or not of the characters, that its type
/// allows (a country has two letters).
inline result<bytes> name_der(const distinguished_name& name) {
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

[[nodiscard]] inline distinguished_name to_distinguished_name(const X509_NAME* name) {
  distinguished_name out;
  for (int i = 0; i < X509_NAME_entry_count(name); ++i) out.push_back(detail::to_attribute(X509_NAME_get_entry(name, i)));
  return out;
}

}  // namespace sealring::inline v0::x509

// Distinguished names (RFC 5280 section 4.1.2.4), as values.
#pragma once

#include "sealring/detail/openssl.hpp"

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

/// Name, DER. errc::bad_name for an unknown type, and for a value that is not as long, or not of the characters, that its type
/// allows (a country has two letters).
result<bytes> name_der(const distinguished_name& name);

}  // namespace detail

[[nodiscard]] distinguished_name to_distinguished_name(const X509_NAME* name);

}  // namespace sealring::inline v0::x509

#ifndef SEALRING_COMPILED
#include "sealring/x509/impl/distinguished_name.ipp"
#endif

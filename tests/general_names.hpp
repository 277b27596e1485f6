// subjectAltName by libcrypto's own objects: a second opinion on the DER that the toolkit writes.
#pragma once

#include "sealring/detail/openssl.hpp"
#include "sealring/x509/identifier.hpp"

namespace sealring::test {

inline bool push_name(GENERAL_NAMES* list, int type, bytes_view data) {
  ASN1_STRING* value = type == GEN_IPADD ? ASN1_OCTET_STRING_new() : ASN1_IA5STRING_new();
  detail::general_name one{GENERAL_NAME_new()};
  if (value == nullptr || !one || ASN1_STRING_set(value, data.data(), static_cast<int>(data.size())) != 1) return false;
  GENERAL_NAME_set0_value(one.get(), type, value);
  return sk_GENERAL_NAME_push(list, one.release()) > 0;
}

/// Critical. `emails` and `uris` stand behind the names.
inline detail::x509_extension subject_alt_name(std::span<const identifier> names, std::span<const std::string> emails = {},
                                               std::span<const std::string> uris = {}) {
  const detail::general_names list{GENERAL_NAMES_new()};
  bool good = list != nullptr;
  for (const identifier& id : names) {
    const bool ip = id.kind == identifier::type::ip;
    good = good && push_name(list.get(), ip ? GEN_IPADD : GEN_DNS, ip ? bytes_view{ip_octets(id)} : as_bytes(id.value));
  }
  for (const std::string& email : emails) good = good && push_name(list.get(), GEN_EMAIL, as_bytes(email));
  for (const std::string& uri : uris) good = good && push_name(list.get(), GEN_URI, as_bytes(uri));
  return detail::x509_extension{good ? X509V3_EXT_i2d(NID_subject_alt_name, 1, list.get()) : nullptr};
}

}  // namespace sealring::test

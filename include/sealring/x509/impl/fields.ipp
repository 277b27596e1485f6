#pragma once

#include "sealring/x509/fields.hpp"

#include <algorithm>

namespace sealring::inline v0::x509::detail {

SEALRING_INLINE bytes_view octets(const ASN1_STRING* value) noexcept {
  return {ASN1_STRING_get0_data(value), static_cast<std::size_t>(ASN1_STRING_length(value))};
}

SEALRING_INLINE std::string to_hex(bytes_view data) {
  static constexpr char hex[] = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t octet : data) (text += hex[octet >> 4]) += hex[octet & 15];
  return text;
}

inline void free_text(unsigned char* text) noexcept { OPENSSL_free(text); }

SEALRING_INLINE std::string to_utf8(const ASN1_STRING* value) {
  unsigned char* text = nullptr;
  const int size = ASN1_STRING_to_UTF8(&text, value);
  const sealring::detail::owned<unsigned char, free_text> owner{text};
  if (size < 0) ERR_clear_error();
  return size < 0 ? std::string{} : std::string{as_text({text, static_cast<std::size_t>(size)})};
}

SEALRING_INLINE std::string common_name(const X509_NAME* name) {
  int last = -1;
  for (int i = -1; (i = X509_NAME_get_index_by_NID(name, NID_commonName, i)) >= 0;) last = i;
  return last < 0 ? std::string{} : to_utf8(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, last)));
}

SEALRING_INLINE std::string to_dotted(const ASN1_OBJECT* oid) {
  std::string text(static_cast<std::size_t>(std::max(OBJ_obj2txt(nullptr, 0, oid, 1), 0)), '\0');
  OBJ_obj2txt(text.data(), static_cast<int>(text.size()) + 1, oid, 1);
  return text;
}

SEALRING_INLINE distribution_points distribution_points_of(const X509* x509) {
  distribution_points points{
      static_cast<CRL_DIST_POINTS*>(X509_get_ext_d2i(x509, NID_crl_distribution_points, nullptr, nullptr))};
  if (!points) ERR_clear_error();
  return points;
}

SEALRING_INLINE const GENERAL_NAMES* full_names(const DIST_POINT* point) noexcept {
  if (point->distpoint == nullptr || point->distpoint->type != 0) return nullptr;
  return point->reasons == nullptr && point->CRLissuer == nullptr ? point->distpoint->name.fullname : nullptr;
}

}  // namespace sealring::inline v0::x509::detail

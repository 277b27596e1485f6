// What certificates and revocation lists are made of, as values of ours.
#pragma once

#include "sealring/detail/openssl.hpp"

#include <chrono>
#include <optional>

namespace sealring::inline v0::x509 {

using time_point = std::chrono::sys_seconds;

namespace detail {

inline bytes_view octets(const ASN1_STRING* value) noexcept {
  return {ASN1_STRING_get0_data(value), static_cast<std::size_t>(ASN1_STRING_length(value))};
}

inline std::string to_hex(bytes_view data) {
  static constexpr char hex[] = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t octet : data) (text += hex[octet >> 4]) += hex[octet & 15];
  return text;
}

inline std::optional<time_point> to_time(const ASN1_TIME* time) {
  std::tm tm{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &tm) != 1) return std::nullopt;
  using namespace std::chrono;
  return sys_days{year{tm.tm_year + 1900} / (tm.tm_mon + 1) / tm.tm_mday} + hours{tm.tm_hour} + minutes{tm.tm_min} +
         seconds{tm.tm_sec};
}

inline void free_text(unsigned char* text) noexcept { OPENSSL_free(text); }

/// Empty for what has no text.
inline std::string to_utf8(const ASN1_STRING* value) {
  unsigned char* text = nullptr;
  const int size = ASN1_STRING_to_UTF8(&text, value);
  const sealring::detail::owned<unsigned char, free_text> owner{text};
  if (size < 0) ERR_clear_error();
  return size < 0 ? std::string{} : std::string{as_text({text, static_cast<std::size_t>(size)})};
}

/// The last, which is the most specific; empty where there is none.
inline std::string common_name(const X509_NAME* name) {
  int last = -1;
  for (int i = -1; (i = X509_NAME_get_index_by_NID(name, NID_commonName, i)) >= 0;) last = i;
  return last < 0 ? std::string{} : to_utf8(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, last)));
}

inline std::string to_dotted(const ASN1_OBJECT* oid) {
  std::string text(static_cast<std::size_t>(std::max(OBJ_obj2txt(nullptr, 0, oid, 1), 0)), '\0');
  OBJ_obj2txt(text.data(), static_cast<int>(text.size()) + 1, oid, 1);
  return text;
}

using distribution_points = sealring::detail::owned<CRL_DIST_POINTS, CRL_DIST_POINTS_free>;

inline distribution_points distribution_points_of(const X509* x509) {
  distribution_points points{
      static_cast<CRL_DIST_POINTS*>(X509_get_ext_d2i(x509, NID_crl_distribution_points, nullptr, nullptr))};
  if (!points) ERR_clear_error();
  return points;
}

/// The names of a distribution point that is the issuer's own and for every reason; null otherwise.
inline const GENERAL_NAMES* full_names(const DIST_POINT* point) noexcept {
  if (point->distpoint == nullptr || point->distpoint->type != 0) return nullptr;
  return point->reasons == nullptr && point->CRLissuer == nullptr ? point->distpoint->name.fullname : nullptr;
}

}  // namespace detail

}  // namespace sealring::inline v0::x509

#pragma once

#include "sealring/x509/certificate.hpp"

#include "sealring/digest.hpp"
#include "sealring/pem.hpp"
#include "sealring/public_key.hpp"
#include "sealring/x509/fields.hpp"

#include <algorithm>

namespace sealring::inline v0::x509 {

namespace detail {

using key_purposes = sealring::detail::owned<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free>;

}  // namespace detail

SEALRING_INLINE result<std::vector<certificate>> read_certificates(std::string_view pem) {
  const auto blocks = from_pem("CERTIFICATE", pem);
  if (!blocks) return fail(errc::bad_certificate);
  std::vector<certificate> all;
  for (const bytes& der : *blocks) {
    auto one = certificate::from_der(der);
    if (!one) return one.error();
    all.push_back(*std::move(one));
  }
  return all;
}

SEALRING_INLINE bool in_order(std::span<const certificate> chain) {
  for (std::size_t i = 0; i + 1 < chain.size(); ++i)
    if (!chain[i].issued_by(chain[i + 1])) return false;
  return true;
}

SEALRING_INLINE std::vector<certificate> put_in_order(std::vector<certificate> chain) {
  int left = 100;
  for (std::size_t i = 0; i + 1 < chain.size(); ++i) {
    const auto next = chain.begin() + static_cast<std::ptrdiff_t>(i) + 1;
    const auto issuer = std::find_if(next, chain.end(), [&](const certificate& c) {
      return chain[i].names_issuer(c) && left-- > 0 && chain[i].issued_by(c);
    });
    if (issuer == chain.end()) break;
    std::rotate(next, issuer, issuer + 1);
  }
  return chain;
}

SEALRING_INLINE result<std::vector<certificate>> read_chain(std::string_view pem) {
  auto chain = read_certificates(pem);
  if (chain && !in_order(*chain)) return fail(errc::chain_out_of_order);
  return chain;
}

SEALRING_INLINE result<certificate> certificate::from_der(bytes_view der) {
  auto parsed = sealring::detail::from_der<sealring::detail::x509, d2i_X509>(der);
  if (!parsed || !detail::to_time(X509_get0_notBefore(parsed.get())) || !detail::to_time(X509_get0_notAfter(parsed.get())))
    return fail(errc::bad_certificate);
  return certificate{std::move(parsed), bytes(der.begin(), der.end())};
}

SEALRING_INLINE std::vector<identifier> certificate::names() const {
  auto names = alternative_names().identifiers;
  std::ranges::sort(names);
  return names;
}

SEALRING_INLINE subject_alt_names certificate::alternative_names() const {
  const sealring::detail::general_names list{
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(x509_.get(), NID_subject_alt_name, nullptr, nullptr))};
  if (!list) ERR_clear_error();
  return detail::read_names(list.get());
}

SEALRING_INLINE bytes certificate::serial_octets() const {
  const bytes der = sealring::detail::to_der<i2d_ASN1_INTEGER>(X509_get0_serialNumber(x509_.get()));
  const unsigned char* content = der.data();
  long size = 0;
  int tag = 0, tag_class = 0;
  ASN1_get_object(&content, &size, &tag, &tag_class, static_cast<long>(der.size()));
  return {content, content + size};
}

SEALRING_INLINE bytes certificate::authority_key_id() const {
  const sealring::detail::owned<AUTHORITY_KEYID, AUTHORITY_KEYID_free> id{
      static_cast<AUTHORITY_KEYID*>(X509_get_ext_d2i(x509_.get(), NID_authority_key_identifier, nullptr, nullptr))};
  if (!id) ERR_clear_error();
  if (!id || id->keyid == nullptr) return {};
  const unsigned char* octets = ASN1_STRING_get0_data(id->keyid);
  return {octets, octets + ASN1_STRING_length(id->keyid)};
}

SEALRING_INLINE bytes certificate::subject_key_id() const {
  const ASN1_OCTET_STRING* id = X509_get0_subject_key_id(x509_.get());
  ERR_clear_error();
  if (id == nullptr) return {};
  const bytes_view octets = detail::octets(id);
  return {octets.begin(), octets.end()};
}

SEALRING_INLINE std::optional<long> certificate::path_length() const {
  const long length = X509_get_pathlen(x509_.get());
  ERR_clear_error();
  return length < 0 ? std::nullopt : std::optional{length};
}

SEALRING_INLINE std::vector<std::string> certificate::extended_key_usage() const {
  const detail::key_purposes all{
      static_cast<EXTENDED_KEY_USAGE*>(X509_get_ext_d2i(x509_.get(), NID_ext_key_usage, nullptr, nullptr))};
  if (!all) ERR_clear_error();
  std::vector<std::string> oids;
  const int count = sk_ASN1_OBJECT_num(all.get());  // -1: of nothing
  oids.reserve(static_cast<std::size_t>(std::max(count, 0)));
  for (int i = 0; i < count; ++i) oids.push_back(detail::to_dotted(sk_ASN1_OBJECT_value(all.get(), i)));
  return oids;
}

SEALRING_INLINE std::string certificate::spki_sha256() const {
  const auto digest = hash<sha256>(spki());
  return digest ? detail::to_hex(digest->view()) : std::string{};
}

SEALRING_INLINE std::vector<std::string> certificate::crl_urls() const {
  const auto points = detail::distribution_points_of(x509_.get());
  std::vector<std::string> urls;
  for (int i = 0; i < sk_DIST_POINT_num(points.get()); ++i) {
    const GENERAL_NAMES* names = detail::full_names(sk_DIST_POINT_value(points.get(), i));
    for (int j = 0; j < sk_GENERAL_NAME_num(names); ++j) {
      int type = 0;
      const void* value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names, j), &type);
      if (type != GEN_URI) continue;
      const std::string_view url = as_text(detail::octets(static_cast<const ASN1_STRING*>(value)));
      const bool printable = std::ranges::all_of(url, [](char c) { return c > ' ' && c < '\x7f'; });
      if (printable && (url.starts_with("http://") || url.starts_with("https://"))) urls.emplace_back(url);
    }
  }
  return urls;
}

SEALRING_INLINE bool certificate::certifies(const any_public_key& key) const {
  const auto mine = to_spki(key);
  return mine && *mine == spki();
}

SEALRING_INLINE bool certificate::names_issuer(const certificate& issuer) const {
  const bool named = X509_check_issued(issuer.x509_.get(), x509_.get()) == X509_V_OK;
  ERR_clear_error();
  return named;
}

SEALRING_INLINE bool certificate::issued_by(const certificate& issuer) const {
  const bool good = names_issuer(issuer) && X509_verify(x509_.get(), X509_get0_pubkey(issuer.x509_.get())) == 1;
  if (!good) ERR_clear_error();
  return good;
}

SEALRING_INLINE bool certificate::has_flag(std::uint32_t flag) const {
  const bool has = (X509_get_extension_flags(x509_.get()) & flag) != 0;
  ERR_clear_error();
  return has;
}

SEALRING_INLINE std::string certificate::one_line(const X509_NAME* name) {
  const sealring::detail::bio out{BIO_new(BIO_s_mem())};
  X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

SEALRING_INLINE time_point certificate::not_before() const { return *detail::to_time(X509_get0_notBefore(x509_.get())); }

SEALRING_INLINE time_point certificate::not_after() const { return *detail::to_time(X509_get0_notAfter(x509_.get())); }

SEALRING_INLINE std::string certificate::serial() const {
  return detail::to_hex(detail::octets(X509_get0_serialNumber(x509_.get())));
}

SEALRING_INLINE bool certificate::is_ca() const { return has_flag(EXFLAG_CA); }

SEALRING_INLINE bool certificate::is_self_issued() const { return has_flag(EXFLAG_SI); }

SEALRING_INLINE std::vector<extension> certificate::extensions() const {
  return detail::read_extensions(X509_get0_extensions(x509_.get()));
}

SEALRING_INLINE std::string certificate::issuer() const { return one_line(X509_get_issuer_name(x509_.get())); }

SEALRING_INLINE std::string certificate::subject() const { return one_line(X509_get_subject_name(x509_.get())); }

SEALRING_INLINE std::string certificate::issuer_common_name() const {
  return detail::common_name(X509_get_issuer_name(x509_.get()));
}

SEALRING_INLINE std::string certificate::subject_common_name() const {
  return detail::common_name(X509_get_subject_name(x509_.get()));
}

SEALRING_INLINE bytes certificate::spki() const {
  return sealring::detail::to_der<i2d_X509_PUBKEY>(X509_get_X509_PUBKEY(x509_.get()));
}

SEALRING_INLINE result<any_public_key> certificate::public_key() const { return from_spki(spki()); }

}  // namespace sealring::inline v0::x509

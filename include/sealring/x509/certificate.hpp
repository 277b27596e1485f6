// Reading certificates: what a client must know of those it was issued (RFC 5280), and whether a chain hangs together.
#pragma once

#include "sealring/digest.hpp"
#include "sealring/pem.hpp"
#include "sealring/public_key.hpp"
#include "sealring/x509/extension.hpp"
#include "sealring/x509/subject_alt_name.hpp"

#include <algorithm>
#include <memory>

namespace sealring::inline v0::x509 {

namespace detail {

using key_purposes = sealring::detail::owned<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free>;

}  // namespace detail

/// An X.509 certificate, read only. Copies share it; safe from many threads.
class certificate {
public:
  [[nodiscard]] static result<certificate> from_der(bytes_view der) {
    auto parsed = sealring::detail::from_der<sealring::detail::x509, d2i_X509>(der);
    if (!parsed || !detail::to_time(X509_get0_notBefore(parsed.get())) || !detail::to_time(X509_get0_notAfter(parsed.get())))
      return fail(errc::bad_certificate);
    return certificate{std::shared_ptr<X509>{parsed.release(), X509_free}, bytes(der.begin(), der.end())};
  }

  [[nodiscard]] const bytes& der() const noexcept { return der_; }

  /// subjectAltName's DNS names and IP addresses, sorted. Names of other kinds are passed over.
  [[nodiscard]] std::vector<identifier> names() const {
    auto names = alternative_names().identifiers;
    std::ranges::sort(names);
    return names;
  }

  /// All that subjectAltName has, as it stands there; nothing where it cannot be read.
  [[nodiscard]] subject_alt_names alternative_names() const {
    const sealring::detail::general_names list{
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(x509_.get(), NID_subject_alt_name, nullptr, nullptr))};
    if (!list) ERR_clear_error();
    return detail::read_names(list.get());
  }

  [[nodiscard]] time_point not_before() const { return *detail::to_time(X509_get0_notBefore(x509_.get())); }
  [[nodiscard]] time_point not_after() const { return *detail::to_time(X509_get0_notAfter(x509_.get())); }

  [[nodiscard]] bool valid_at(time_point now) const { return not_before() <= now && now <= not_after(); }

  /// The serial number in lower-case hexadecimal, as many digits as its octets need.
  [[nodiscard]] std::string serial() const { return detail::to_hex(detail::octets(X509_get0_serialNumber(x509_.get()))); }

  /// The serial number as its DER has it: the content octets, with the 00 before a first bit that would make it negative.
  [[nodiscard]] bytes serial_octets() const {
    const bytes der = sealring::detail::to_der<i2d_ASN1_INTEGER>(X509_get0_serialNumber(x509_.get()));
    const unsigned char* content = der.data();
    long size = 0;
    int tag = 0, tag_class = 0;
    ASN1_get_object(&content, &size, &tag, &tag_class, static_cast<long>(der.size()));
    return {content, content + size};
  }

  /// keyIdentifier in authorityKeyIdentifier (RFC 5280 section 4.2.1.1): which of the issuer's keys signed; empty if there is
  /// none.
  [[nodiscard]] bytes authority_key_id() const {
    const sealring::detail::owned<AUTHORITY_KEYID, AUTHORITY_KEYID_free> id{
        static_cast<AUTHORITY_KEYID*>(X509_get_ext_d2i(x509_.get(), NID_authority_key_identifier, nullptr, nullptr))};
    if (!id) ERR_clear_error();
    if (!id || id->keyid == nullptr) return {};
    const unsigned char* octets = ASN1_STRING_get0_data(id->keyid);
    return {octets, octets + ASN1_STRING_length(id->keyid)};
  }

  /// subjectKeyIdentifier (RFC 5280 section 4.2.1.2): what those it issues have for an authority_key_id; empty if there is
  /// none.
  [[nodiscard]] bytes subject_key_id() const {
    const ASN1_OCTET_STRING* id = X509_get0_subject_key_id(x509_.get());
    ERR_clear_error();
    if (id == nullptr) return {};
    const bytes_view octets = detail::octets(id);
    return {octets.begin(), octets.end()};
  }

  /// Whether basicConstraints says that it may issue others (RFC 5280 section 4.2.1.9).
  [[nodiscard]] bool is_ca() const { return has_flag(EXFLAG_CA); }
  /// pathLenConstraint: how many CAs may stand between this one and an end entity. Nothing: any number.
  [[nodiscard]] std::optional<long> path_length() const {
    const long length = X509_get_pathlen(x509_.get());
    ERR_clear_error();
    return length < 0 ? std::nullopt : std::optional{length};
  }
  /// "the same DN appears in the subject and issuer fields" (RFC 5280 section 6.1)
  [[nodiscard]] bool is_self_issued() const { return has_flag(EXFLAG_SI); }

  /// The OIDs of extKeyUsage, dotted: what its key may be used for; none where that is not limited (RFC 5280 section 4.2.1.12).
  [[nodiscard]] std::vector<std::string> extended_key_usage() const {
    const detail::key_purposes all{
        static_cast<EXTENDED_KEY_USAGE*>(X509_get_ext_d2i(x509_.get(), NID_ext_key_usage, nullptr, nullptr))};
    if (!all) ERR_clear_error();
    std::vector<std::string> oids;
    for (int i = 0; i < sk_ASN1_OBJECT_num(all.get()); ++i)
      oids.push_back(detail::to_dotted(sk_ASN1_OBJECT_value(all.get(), i)));
    return oids;
  }

  /// Every extension, in order.
  [[nodiscard]] std::vector<extension> extensions() const { return detail::read_extensions(X509_get0_extensions(x509_.get())); }

  /// The issuer's distinguished name, one line (RFC 2253).
  [[nodiscard]] std::string issuer() const { return one_line(X509_get_issuer_name(x509_.get())); }
  [[nodiscard]] std::string subject() const { return one_line(X509_get_subject_name(x509_.get())); }

  /// The common names alone, by which CAs tell their chains apart.
  [[nodiscard]] std::string issuer_common_name() const { return detail::common_name(X509_get_issuer_name(x509_.get())); }
  [[nodiscard]] std::string subject_common_name() const { return detail::common_name(X509_get_subject_name(x509_.get())); }

  /// The SubjectPublicKeyInfo, DER.
  [[nodiscard]] bytes spki() const { return sealring::detail::to_der<i2d_X509_PUBKEY>(X509_get_X509_PUBKEY(x509_.get())); }

  /// errc::unsupported_key for a key of a kind that sealring has no algorithm for.
  [[nodiscard]] result<any_public_key> public_key() const { return from_spki(spki()); }

  /// The SHA-256 of the SubjectPublicKeyInfo, in hexadecimal: names a root whose certificate may be renewed, or cross-signed.
  [[nodiscard]] std::string spki_sha256() const {
    const auto digest = hash<sha256>(spki());
    return digest ? detail::to_hex(digest->view()) : std::string{};
  }

  /// Where CRLs are that speak for this certificate: the http and https URIs of CRLDistributionPoints, in order.
  [[nodiscard]] std::vector<std::string> crl_urls() const {
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

  /// Whether this certificate certifies `key`.
  [[nodiscard]] bool certifies(const any_public_key& key) const {
    const auto mine = to_spki(key);
    return mine && *mine == spki();
  }

  /// Whether `issuer` is whom this certificate names (by names, key identifiers and use of the key).
  [[nodiscard]] bool names_issuer(const certificate& issuer) const {
    const bool named = X509_check_issued(issuer.x509_.get(), x509_.get()) == X509_V_OK;
    ERR_clear_error();
    return named;
  }

  /// Whether `issuer` signed it, too.
  [[nodiscard]] bool issued_by(const certificate& issuer) const {
    const bool good = names_issuer(issuer) && X509_verify(x509_.get(), X509_get0_pubkey(issuer.x509_.get())) == 1;
    if (!good) ERR_clear_error();
    return good;
  }

  /// For libcrypto's functions, which take certificates they only read as not const. It stays ours.
  [[nodiscard]] X509* native_handle() const noexcept { return x509_.get(); }

private:
  certificate(std::shared_ptr<X509> x509, bytes der) : x509_{std::move(x509)}, der_{std::move(der)} {}

  bool has_flag(std::uint32_t flag) const {
    const bool has = (X509_get_extension_flags(x509_.get()) & flag) != 0;
    ERR_clear_error();
    return has;
  }

  static std::string one_line(const X509_NAME* name) {
    const sealring::detail::bio out{BIO_new(BIO_s_mem())};
    X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return {text, static_cast<std::size_t>(size)};
  }

  std::shared_ptr<X509> x509_;
  bytes der_;
};

/// Reads every CERTIFICATE block, in order; at least one.
[[nodiscard]] inline result<std::vector<certificate>> read_certificates(std::string_view pem) {
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

/// Whether each certificate is certified by the next: "each following certificate SHOULD directly certify the one preceding it"
/// (RFC 8555 section 9.1), and TLS 1.2 demands it.
[[nodiscard]] inline bool in_order(std::span<const certificate> chain) {
  for (std::size_t i = 0; i + 1 < chain.size(); ++i)
    if (!chain[i].issued_by(chain[i + 1])) return false;
  return true;
}

/// Behind the first, which stays, each one's issuer as far as there is one; then the others as they were. What a stranger sends
/// may be full of certificates of one name: when a hundred signatures were checked, no more are.
[[nodiscard]] inline std::vector<certificate> put_in_order(std::vector<certificate> chain) {
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

/// Reads a chain that must be in order: errc::chain_out_of_order where it is not.
[[nodiscard]] inline result<std::vector<certificate>> read_chain(std::string_view pem) {
  auto chain = read_certificates(pem);
  if (chain && !in_order(*chain)) return fail(errc::chain_out_of_order);
  return chain;
}

}  // namespace sealring::inline v0::x509

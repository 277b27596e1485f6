#pragma once

#include "sealring/x509/crl.hpp"

#include "sealring/pem.hpp"
#include "sealring/x509/fields.hpp"

#include <algorithm>

namespace sealring::inline v0::x509 {

namespace detail {

/// "If a CRL contains a critical CRL entry extension that the application cannot process, then the application MUST NOT use
/// that CRL to determine the status of any certificates" (section 5.3), and the same of the list's own (section 5.2).
inline bool knows_critical(const STACK_OF(X509_EXTENSION) * extensions, std::initializer_list<int> known) {
  for (int i = 0; i < X509v3_get_ext_count(extensions); ++i) {
    X509_EXTENSION* one = X509v3_get_ext(extensions, i);
    if (X509_EXTENSION_get_critical(one) != 0 && std::ranges::count(known, OBJ_obj2nid(X509_EXTENSION_get_object(one))) == 0)
      return false;
  }
  return true;
}

inline bool has_name(const GENERAL_NAMES* names, GENERAL_NAME* name) {
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i)
    if (GENERAL_NAME_cmp(sk_GENERAL_NAME_value(names, i), name) == 0) return true;
  return false;
}

using x509_crl = sealring::detail::owned<X509_CRL, X509_CRL_free>;
using issuing_point = sealring::detail::owned<ISSUING_DIST_POINT, ISSUING_DIST_POINT_free>;
using asn1_enumerated = sealring::detail::owned<ASN1_ENUMERATED, ASN1_ENUMERATED_free>;

/// Not a delta CRL: libcrypto takes one for a complete list where its extended CRL support is off.
inline bool is_supported(X509_CRL* crl) {
  if (X509_CRL_get_ext_by_NID(crl, NID_delta_crl, -1) >= 0 ||
      !knows_critical(X509_CRL_get0_extensions(crl), {NID_issuing_distribution_point, NID_authority_key_identifier}))
    return false;
  STACK_OF(X509_REVOKED)* entries = X509_CRL_get_REVOKED(crl);
  for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i)  // no extension that is known of entries is critical in a direct CRL
    if (!knows_critical(X509_REVOKED_get0_extensions(sk_X509_REVOKED_value(entries, i)), {})) return false;
  return true;
}

/// Whether the certificate has a distribution point with one of these names (section 6.3.3 (b) (2) (i)).
inline bool names_point(const X509* x509, const DIST_POINT_NAME* point) {
  if (point->type != 0) return false;  // relative to the issuer's name, which nobody uses
  const auto points = distribution_points_of(x509);
  for (int i = 0; i < sk_DIST_POINT_num(points.get()); ++i) {
    const GENERAL_NAMES* names = full_names(sk_DIST_POINT_value(points.get(), i));
    for (int j = 0; j < sk_GENERAL_NAME_num(names); ++j)
      if (has_name(point->name.fullname, sk_GENERAL_NAME_value(names, j))) return true;
  }
  return false;
}

}  // namespace detail

SEALRING_INLINE result<std::optional<revocation>> look_up_verified(const certificate& certificate, const crl& list,
                                                                   time_point now) {
  if (!list.is_current(now)) return fail(errc::crl_not_current);
  if (!list.covers(certificate)) return fail(errc::crl_out_of_scope);
  return list.find(certificate);
}

SEALRING_INLINE result<std::optional<revocation>> look_up(const certificate& certificate, const x509::certificate& issuer,
                                                          const crl& list, time_point now) {
  if (!certificate.issued_by(issuer)) return fail(errc::chain_out_of_order);
  if (const auto verified = list.verify(issuer, now); !verified) return verified.error();
  return look_up_verified(certificate, list, now);
}

SEALRING_INLINE result<crl> crl::read(bytes_view data, std::size_t largest) {
  if (data.size() > largest) return fail(errc::bad_length);
  constexpr std::uint8_t sequence = V_ASN1_SEQUENCE | V_ASN1_CONSTRUCTED;
  if (!data.empty() && data.front() == sequence) return from_der(data);
  const auto blocks = from_pem("X509 CRL", as_text(data));
  if (!blocks) return blocks.error();
  if (blocks->size() != 1) return fail(errc::bad_crl);
  return from_der(blocks->front());
}

SEALRING_INLINE std::size_t crl::size() const {
  return static_cast<std::size_t>(sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl_.get())));
}

SEALRING_INLINE result<void> crl::verify(const certificate& issuer, time_point now) const {
  X509* x509 = issuer.native_handle();
  if (X509_NAME_cmp(X509_CRL_get_issuer(crl_.get()), X509_get_subject_name(x509)) != 0 ||
      (X509_get_key_usage(x509) & KU_CRL_SIGN) == 0)
    return sealring::detail::crypto_failure(errc::bad_crl);
  if (X509_CRL_verify(crl_.get(), X509_get0_pubkey(x509)) != 1) return sealring::detail::crypto_failure(errc::bad_signature);
  if (!is_current(now)) return fail(errc::crl_not_current);
  return {};
}

SEALRING_INLINE bool crl::covers(const certificate& certificate) const {
  X509* x509 = certificate.native_handle();
  if (X509_NAME_cmp(X509_CRL_get_issuer(crl_.get()), X509_get_issuer_name(x509)) != 0) return false;
  if (!scope_) return true;
  if (scope_->onlyattr > 0 || scope_->onlysomereasons != nullptr ||
      (certificate.is_ca() ? scope_->onlyuser : scope_->onlyCA) > 0)
    return false;
  return scope_->distpoint == nullptr || detail::names_point(x509, scope_->distpoint);
}

SEALRING_INLINE std::optional<revocation> crl::find(const certificate& certificate) const {
  X509_REVOKED* entry = nullptr;
  const ASN1_INTEGER* serial = X509_get0_serialNumber(certificate.native_handle());
  if (X509_CRL_get0_by_serial(crl_.get(), &entry, serial) == 0) return std::nullopt;
  const detail::asn1_enumerated reason{
      static_cast<ASN1_ENUMERATED*>(X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, nullptr, nullptr))};
  const long code = reason ? ASN1_ENUMERATED_get(reason.get()) : 0;
  ERR_clear_error();
  return revocation{static_cast<std::uint8_t>(code >= 0 && code <= 10 ? code : 0),
                    detail::to_time(X509_REVOKED_get0_revocationDate(entry)).value_or(time_point{})};
}

SEALRING_INLINE result<crl> crl::from_der(bytes_view der) {
  crl read;
  auto parsed = sealring::detail::from_der<detail::x509_crl, d2i_X509_CRL>(der);
  if (!parsed) return fail(errc::bad_crl);
  read.crl_ = {parsed.release(), X509_CRL_free};
  const auto this_update = detail::to_time(X509_CRL_get0_lastUpdate(read.crl_.get()));
  const auto next_update = detail::to_time(X509_CRL_get0_nextUpdate(read.crl_.get()));  // must be there: section 5.1.2.5
  if (!this_update || !next_update) return sealring::detail::crypto_failure(errc::bad_crl);
  read.this_update_ = *this_update;
  read.next_update_ = *next_update;
  if (!detail::is_supported(read.crl_.get())) return sealring::detail::crypto_failure(errc::unsupported_crl);
  int found = 0;  // -1: there is none
  detail::issuing_point scope{
      static_cast<ISSUING_DIST_POINT*>(X509_CRL_get_ext_d2i(read.crl_.get(), NID_issuing_distribution_point, &found, nullptr))};
  if (!scope && found != -1) return sealring::detail::crypto_failure(errc::bad_crl);
  if (scope && scope->indirectCRL > 0) return sealring::detail::crypto_failure(errc::unsupported_crl);
  read.scope_ = {scope.release(), ISSUING_DIST_POINT_free};
  ERR_clear_error();
  return read;
}

}  // namespace sealring::inline v0::x509

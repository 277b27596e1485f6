// Certificate revocation lists (RFC 5280 section 5): whether a certificate's issuer has revoked it.
//
// Only a complete list is read, of the certificate's own issuer. Whatever the list does not speak of is an error, and never
// "not revoked": another scope, another time, another issuer, a critical extension that is unknown here.
#pragma once

#include "sealring/x509/certificate.hpp"

#include <memory>

namespace sealring::inline v0::x509 {

/// An entry of a list.
struct revocation {
  std::uint8_t reason = 0;  ///< CRLReason (RFC 5280 section 5.3.1); 0, unspecified, where the list gives none
  time_point when{};

  friend bool operator==(const revocation&, const revocation&) = default;
};

/// A list that was read. Copies share it; safe from many threads.
class crl {
public:
  /// DER, or one PEM block; errc::bad_length where it has more than `largest` octets.
  [[nodiscard]] static result<crl> read(bytes_view data, std::size_t largest);

  [[nodiscard]] time_point this_update() const { return this_update_; }
  [[nodiscard]] time_point next_update() const { return next_update_; }
  [[nodiscard]] bool is_current(time_point now) const { return this_update_ <= now && now <= next_update_; }
  [[nodiscard]] std::size_t size() const;

  /// Whether `issuer` signed the list, and it is of the time `now`: errc::bad_crl, errc::bad_signature, errc::crl_not_current.
  [[nodiscard]] result<void> verify(const certificate& issuer, time_point now) const;

  /// Whether the list would have `certificate` if it were revoked, for whatever reason (section 5.2.5).
  [[nodiscard]] bool covers(const certificate& certificate) const;

  /// What the list says of this certificate's serial number. Nothing means "not revoked" only where verify() and covers()
  /// agree.
  [[nodiscard]] std::optional<revocation> find(const certificate& certificate) const;

private:
  static result<crl> from_der(bytes_view der);

  std::shared_ptr<X509_CRL> crl_;
  std::shared_ptr<ISSUING_DIST_POINT> scope_;
  time_point this_update_{};
  time_point next_update_{};
};

/// What `list`, of which crl::verify has shown that its issuer signed it, says of `certificate` at the time `now`: for callers
/// that keep lists. errc::crl_not_current or crl_out_of_scope where it does not tell.
[[nodiscard]] result<std::optional<revocation>> look_up_verified(const certificate& certificate, const crl& list,
                                                                 time_point now);

/// Whether `certificate`, which `issuer` issued, stands in `list`: all that must be asked, in one call. An error means that the
/// list does not tell.
[[nodiscard]] result<std::optional<revocation>> look_up(const certificate& certificate, const x509::certificate& issuer,
                                                        const crl& list, time_point now);

}  // namespace sealring::inline v0::x509

#ifndef SEALRING_COMPILED
#include "sealring/x509/impl/crl.ipp"
#endif

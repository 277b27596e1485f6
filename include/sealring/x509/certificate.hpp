// Reading certificates: what a client must know of those it was issued (RFC 5280), and whether a chain hangs together.
#pragma once

#include "sealring/public_key_types.hpp"
#include "sealring/x509/extension.hpp"
#include "sealring/x509/subject_alt_name.hpp"
#include "sealring/x509/time.hpp"

namespace sealring::inline v0::x509 {

/// An X.509 certificate, read only. Copies share it; safe from many threads.
class certificate {
public:
  [[nodiscard]] static result<certificate> from_der(bytes_view der);

  [[nodiscard]] const bytes& der() const noexcept { return der_; }

  /// subjectAltName's DNS names and IP addresses, sorted. Names of other kinds are passed over.
  [[nodiscard]] std::vector<identifier> names() const;

  /// All that subjectAltName has, as it stands there; nothing where it cannot be read.
  [[nodiscard]] subject_alt_names alternative_names() const;

  [[nodiscard]] time_point not_before() const;
  [[nodiscard]] time_point not_after() const;

  [[nodiscard]] bool valid_at(time_point now) const { return not_before() <= now && now <= not_after(); }

  /// The serial number in lower-case hexadecimal, as many digits as its octets need.
  [[nodiscard]] std::string serial() const;

  /// The serial number as its DER has it: the content octets, with the 00 before a first bit that would make it negative.
  [[nodiscard]] bytes serial_octets() const;

  /// keyIdentifier in authorityKeyIdentifier (RFC 5280 section 4.2.1.1): which of the issuer's keys signed; empty if there is
  /// none.
  [[nodiscard]] bytes authority_key_id() const;

  /// subjectKeyIdentifier (RFC 5280 section 4.2.1.2): what those it issues have for an authority_key_id; empty if there is
  /// none.
  [[nodiscard]] bytes subject_key_id() const;

  /// Whether basicConstraints says that it may issue others (RFC 5280 section 4.2.1.9).
  [[nodiscard]] bool is_ca() const;
  /// pathLenConstraint: how many CAs may stand between this one and an end entity. Nothing: any number.
  [[nodiscard]] std::optional<long> path_length() const;
  /// "the same DN appears in the subject and issuer fields" (RFC 5280 section 6.1)
  [[nodiscard]] bool is_self_issued() const;

  /// The OIDs of extKeyUsage, dotted: what its key may be used for; none where that is not limited (RFC 5280 section 4.2.1.12).
  [[nodiscard]] std::vector<std::string> extended_key_usage() const;

  /// Every extension, in order.
  [[nodiscard]] std::vector<extension> extensions() const;

  /// The issuer's distinguished name, one line (RFC 2253).
  [[nodiscard]] std::string issuer() const;
  [[nodiscard]] std::string subject() const;

  /// The common names alone, by which CAs tell their chains apart.
  [[nodiscard]] std::string issuer_common_name() const;
  [[nodiscard]] std::string subject_common_name() const;

  /// The SubjectPublicKeyInfo, DER.
  [[nodiscard]] bytes spki() const;

  /// errc::unsupported_key for a key of a kind that sealring has no algorithm for.
  [[nodiscard]] result<any_public_key> public_key() const;

  /// The SHA-256 of the SubjectPublicKeyInfo, in hexadecimal: names a root whose certificate may be renewed, or cross-signed.
  [[nodiscard]] std::string spki_sha256() const;

  /// Where CRLs are that speak for this certificate: the http and https URIs of CRLDistributionPoints, in order.
  [[nodiscard]] std::vector<std::string> crl_urls() const;

  /// Whether this certificate certifies `key`.
  [[nodiscard]] bool certifies(const any_public_key& key) const;

  /// Whether `issuer` is whom this certificate names (by names, key identifiers and use of the key).
  [[nodiscard]] bool names_issuer(const certificate& issuer) const;

  /// Whether `issuer` signed it, too.
  [[nodiscard]] bool issued_by(const certificate& issuer) const;

  /// For libcrypto's functions, which take certificates they only read as not const. It stays ours.
  [[nodiscard]] X509* native_handle() const noexcept { return x509_.get(); }

private:
  certificate(sealring::detail::shared_x509 x509, bytes der) : x509_{std::move(x509)}, der_{std::move(der)} {}

  bool has_flag(std::uint32_t flag) const;

  static std::string one_line(const X509_NAME* name);

  sealring::detail::shared_x509 x509_;
  bytes der_;
};

/// Reads every CERTIFICATE block, in order; at least one.
[[nodiscard]] result<std::vector<certificate>> read_certificates(std::string_view pem);

/// Whether each certificate is certified by the next: "each following certificate SHOULD directly certify the one preceding it"
/// (RFC 8555 section 9.1), and TLS 1.2 demands it.
[[nodiscard]] bool in_order(std::span<const certificate> chain);

/// Behind the first, which stays, each one's issuer as far as there is one; then the others as they were. What a stranger sends
/// may be full of certificates of one name: when a hundred signatures were checked, no more are.
[[nodiscard]] std::vector<certificate> put_in_order(std::vector<certificate> chain);

/// Reads a chain that must be in order: errc::chain_out_of_order where it is not.
[[nodiscard]] result<std::vector<certificate>> read_chain(std::string_view pem);

}  // namespace sealring::inline v0::x509

#ifndef SEALRING_COMPILED
#include "sealring/x509/impl/certificate.ipp"
#endif

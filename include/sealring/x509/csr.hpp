// Certification requests (PKCS#10, RFC 2986) for any signer: the private key is asked for one signature and for nothing else.
#pragma once

#include "sealring/any_signer.hpp"
#include "sealring/ecdsa_der.hpp"
#include "sealring/x509/algorithm_identifier.hpp"
#include "sealring/x509/distinguished_name.hpp"
#include "sealring/x509/extension.hpp"
#include "sealring/x509/subject_alt_name.hpp"

#include <algorithm>

namespace sealring::inline v0::x509 {

/// What a certificate is asked for. ACME's CAs take the names from subjectAltName alone, and want no subject.
struct csr_request {
  std::vector<identifier> names{};
  std::vector<std::string> emails{};    ///< "somebody@example.com"
  std::vector<std::string> uris{};      ///< absolute: "spiffe://example.com/one"
  distinguished_name subject{};         ///< empty: there is none; then there must be a name
  std::vector<extension> extensions{};  ///< besides subjectAltName
};

namespace detail {

using namespace sealring::detail;

inline constexpr std::uint8_t subject_alt_name_der[] = {V_ASN1_OBJECT, 3, 0x55, 0x1d, 0x11};

/// "A certificate MUST NOT include more than one instance of a particular extension" (RFC 5280 section 4.2).
inline bool append_others(bytes& out, std::span<const extension> extensions) {
  std::vector<bytes> seen;
  for (const extension& e : extensions) {
    bytes oid = oid_der(e.oid);
    if (oid.empty() || std::ranges::equal(oid, subject_alt_name_der) || std::ranges::count(seen, oid) > 0) return false;
    append_extension(out, oid, e.critical, e.value);
    seen.push_back(std::move(oid));
  }
  return true;
}

/// attributes [0] IMPLICIT SET: extensionRequest (RFC 2985 section 5.4.2), or nothing.
inline bytes request_attributes(bytes_view extensions) {
  static constexpr std::uint8_t extension_request[] = {V_ASN1_OBJECT, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 14};
  constexpr std::uint8_t attributes = 0xa0;
  if (extensions.empty()) return der_element(attributes, {});
  const bytes list = der_element(der_sequence, {extensions});
  const bytes values = der_element(der_set, {list});
  const bytes attribute = der_element(der_sequence, {extension_request, values});
  return der_element(attributes, {attribute});
}

/// X.509 wants DER where ECDSA signers give r||s.
inline result<bytes> x509_signature(algorithm_id id, bytes signature) {
  switch (id) {
    case algorithm_id::es256:
    case algorithm_id::es384:
    case algorithm_id::es512: return ecdsa_to_der(signature);
    default: return signature;
  }
}

}  // namespace detail

/// What the signer of a request signs (CertificationRequestInfo, RFC 2986 section 4.1), DER: for who signs it in his own way.
/// errc::bad_name for no name and no subject, or one that cannot stand in a certificate; errc::bad_extension for one without an
/// OID, twice the same, or subjectAltName.
[[nodiscard]] inline result<bytes> csr_info(const any_public_key& key, const csr_request& wish) {
  static constexpr std::uint8_t version[] = {V_ASN1_INTEGER, 1, 0};
  const auto spki = to_spki(key);
  if (!spki) return spki.error();
  const auto subject = detail::name_der(wish.subject);
  if (!subject) return subject.error();
  const auto names = detail::general_names_der(wish.names, wish.emails, wish.uris);
  if (!names) return names.error();
  if (names->empty() && wish.subject.empty()) return fail(errc::bad_name);
  bytes extensions;
  // "If the subject field contains an empty sequence, then the issuing CA MUST include a subjectAltName extension that is
  // marked as critical"; beside a subject it "SHOULD mark the subjectAltName extension as non-critical" (RFC 5280
  // section 4.2.1.6).
  if (!names->empty()) detail::append_extension(extensions, detail::subject_alt_name_der, wish.subject.empty(), *names);
  if (!detail::append_others(extensions, wish.extensions)) return fail(errc::bad_extension);
  return detail::der_element(detail::der_sequence, {version, *subject, *spki, detail::request_attributes(extensions)});
}

/// The request whole, DER. `signature` is as the algorithm has it (r||s for ECDSA).
[[nodiscard]] inline result<bytes> finish_csr(bytes_view info, algorithm_id id, bytes signature) {
  const auto content = detail::x509_signature(id, std::move(signature));
  if (!content) return content.error();
  const auto algorithm = algorithm_identifier(id);
  const bytes algorithm_der = sealring::detail::to_der<i2d_X509_ALGOR>(algorithm.get());
  if (algorithm_der.empty()) return sealring::detail::crypto_failure();
  static constexpr std::uint8_t no_unused_bits[] = {0};
  const bytes bit_string = sealring::detail::der_element(V_ASN1_BIT_STRING, {no_unused_bits, *content});
  return sealring::detail::der_element(sealring::detail::der_sequence, {info, algorithm_der, bit_string});
}

/// A DER request. Its errors are csr_info's, and the signer's.
template <some_signer S>
[[nodiscard]] result<bytes> make_csr(const S& key, const csr_request& wish) {
  const auto info = csr_info(public_key_of_signer(key), wish);
  if (!info) return info.error();
  auto signature = sign_bytes(key, *info);
  if (!signature) return signature.error();
  return finish_csr(*info, id_of(key), *std::move(signature));
}

/// The same for DNS names and IP addresses alone (at least one), which is what ACME needs.
template <some_signer S>
[[nodiscard]] result<bytes> make_csr(const S& key, std::span<const identifier> names) {
  return make_csr(key, csr_request{.names = {names.begin(), names.end()}});
}

}  // namespace sealring::inline v0::x509

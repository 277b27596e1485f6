#pragma once

#include "sealring/x509/csr.hpp"

#include "sealring/detail/der.hpp"
#include "sealring/ecdsa_der.hpp"
#include "sealring/public_key.hpp"
#include "sealring/x509/algorithm_identifier.hpp"

#include <algorithm>

namespace sealring::inline v0::x509 {

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
inline result<bytes> x509_signature(algorithm_id id, bytes_view signature) {
  switch (id) {
    case algorithm_id::es256:
    case algorithm_id::es384:
    case algorithm_id::es512: return ecdsa_to_der(signature);
    default: return bytes(signature.begin(), signature.end());
  }
}

}  // namespace detail

SEALRING_INLINE result<bytes> csr_info(const any_public_key& key, const csr_request& wish) {
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

SEALRING_INLINE result<bytes> finish_csr(bytes_view info, algorithm_id id, bytes_view signature) {
  const auto content = detail::x509_signature(id, signature);
  if (!content) return content.error();
  const auto algorithm = algorithm_identifier(id);
  const bytes algorithm_der = sealring::detail::to_der<i2d_X509_ALGOR>(algorithm.get());
  if (algorithm_der.empty()) return sealring::detail::crypto_failure();
  static constexpr std::uint8_t no_unused_bits[] = {0};
  const bytes bit_string = sealring::detail::der_element(V_ASN1_BIT_STRING, {no_unused_bits, *content});
  return sealring::detail::der_element(sealring::detail::der_sequence, {info, algorithm_der, bit_string});
}

}  // namespace sealring::inline v0::x509

// Certification requests (PKCS#10, RFC 2986) for any signer: the private key is asked for one signature and for nothing else.
#pragma once

#include "sealring/any_signer.hpp"
#include "sealring/x509/distinguished_name.hpp"
#include "sealring/x509/extension.hpp"
#include "sealring/x509/subject_alt_name.hpp"

namespace sealring::inline v0::x509 {

/// What a certificate is asked for. ACME's CAs take the names from subjectAltName alone, and want no subject.
struct csr_request {
  std::vector<identifier> names{};
  std::vector<std::string> emails{};    ///< "somebody@example.com"
  std::vector<std::string> uris{};      ///< absolute: "spiffe://example.com/one"
  distinguished_name subject{};         ///< empty: there is none; then there must be a name
  std::vector<extension> extensions{};  ///< besides subjectAltName
};

/// What the signer of a request signs (CertificationRequestInfo, RFC 2986 section 4.1), DER: for who signs it in his own way.
/// errc::bad_name for no name and no subject, or one that cannot stand in a certificate; errc::bad_extension for one without an
/// OID, twice the same, or subjectAltName.
[[nodiscard]] result<bytes> csr_info(const any_public_key& key, const csr_request& wish);

/// The request whole, DER. `signature` is as the algorithm has it (r||s for ECDSA).
[[nodiscard]] result<bytes> finish_csr(bytes_view info, algorithm_id id, bytes_view signature);

/// A DER request. Its errors are csr_info's, and the signer's.
template <some_signer S>
[[nodiscard]] result<bytes> make_csr(const S& key, const csr_request& wish) {
  const auto info = csr_info(public_key_of_signer(key), wish);
  if (!info) return info.error();
  const auto signature = sign_bytes(key, *info);
  if (!signature) return signature.error();
  return finish_csr(*info, id_of(key), *signature);
}

/// The same for DNS names and IP addresses alone (at least one), which is what ACME needs.
template <some_signer S>
[[nodiscard]] result<bytes> make_csr(const S& key, std::span<const identifier> names) {
  return make_csr(key, csr_request{.names = {names.begin(), names.end()}});
}

}  // namespace sealring::inline v0::x509

#ifndef SEALRING_COMPILED
#include "sealring/x509/impl/csr.ipp"
#endif

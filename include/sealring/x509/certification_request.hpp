// Reading certification requests (PKCS#10, RFC 2986): what a CA must know of those it is sent.
#pragma once

#include "sealring/public_key.hpp"
#include "sealring/x509/distinguished_name.hpp"
#include "sealring/x509/extension.hpp"
#include "sealring/x509/subject_alt_name.hpp"

#include <memory>

namespace sealring::inline v0::x509 {

/// A request, read only. Copies share it; safe from many threads. All that it says is its sender's word, until verify() has
/// shown that he holds the key, and a CA that he holds the names.
class certification_request {
public:
  /// errc::bad_csr also where extensions or names cannot be read, and where an extension stands there twice.
  [[nodiscard]] static result<certification_request> from_der(bytes_view der);

  /// The first PEM block, with either label (RFC 7468 section 7 and its appendix A).
  [[nodiscard]] static result<certification_request> from_pem(std::string_view pem);

  [[nodiscard]] const bytes& der() const noexcept { return der_; }

  /// Whether the key that is to be certified signed this: by ECDSA or RSA with SHA-2 (RSASSA-PSS as ps256 has it), or Ed25519.
  /// errc::bad_signature otherwise; errc::bad_public_key for a key that proves nothing; public_key()'s errors.
  [[nodiscard]] result<void> verify() const;

  /// What subjectAltName has, as it stands there. Let parse_identifier look at each that is to be believed.
  [[nodiscard]] const subject_alt_names& names() const noexcept { return names_; }

  /// Old programs put a name in its CN.
  [[nodiscard]] distinguished_name subject() const { return to_distinguished_name(X509_REQ_get_subject_name(request_.get())); }

  /// All that are asked for, subjectAltName among them, in order.
  [[nodiscard]] const std::vector<extension>& extensions() const noexcept { return extensions_; }

  /// The SubjectPublicKeyInfo, DER.
  [[nodiscard]] bytes spki() const;

  /// errc::unsupported_key for a key of a kind that sealring has no algorithm for.
  [[nodiscard]] result<any_public_key> public_key() const { return from_spki(spki()); }

private:
  std::shared_ptr<X509_REQ> request_;
  std::vector<extension> extensions_;
  subject_alt_names names_;
  bytes der_;
};

}  // namespace sealring::inline v0::x509

#ifndef SEALRING_COMPILED
#include "sealring/x509/impl/certification_request.ipp"
#endif

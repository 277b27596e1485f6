// Reading certification requests (PKCS#10, RFC 2986): what a CA must know of those it is sent.
#pragma once

#include "sealring/pem.hpp"
#include "sealring/sound_key.hpp"
#include "sealring/x509/algorithm_identifier.hpp"
#include "sealring/x509/distinguished_name.hpp"
#include "sealring/x509/extension.hpp"
#include "sealring/x509/subject_alt_name.hpp"

#include <algorithm>

namespace sealring::inline v0::x509 {

namespace detail {

/// Those of the one attribute that has them (extensionRequest, or Microsoft's older name for it).
inline result<std::vector<extension>> requested_extensions(X509_REQ* request) {
  std::vector<X509_ATTRIBUTE*> found;
  for (const int nid : {NID_ext_req, NID_ms_ext_req})
    for (int at = -1; (at = X509_REQ_get_attr_by_NID(request, nid, at)) >= 0;) found.push_back(X509_REQ_get_attr(request, at));
  if (found.empty()) return std::vector<extension>{};
  const sealring::detail::x509_extensions list{X509_REQ_get_extensions(request)};
  if (found.size() != 1 || X509_ATTRIBUTE_count(found.front()) != 1 || !list)
    return sealring::detail::crypto_failure(errc::bad_csr);
  return read_extensions(list.get());
}

inline bool has_twins(std::vector<extension> extensions) {
  std::ranges::sort(extensions, {}, &extension::oid);
  return std::ranges::adjacent_find(extensions, {}, &extension::oid) != extensions.end();
}

inline result<subject_alt_names> requested_names(const std::vector<extension>& extensions) {
  const auto san = std::ranges::find(extensions, subject_alt_name_oid, &extension::oid);
  if (san == extensions.end()) return subject_alt_names{};
  auto list = sealring::detail::from_der<sealring::detail::general_names, d2i_GENERAL_NAMES>(san->value);
  if (!list) return fail(errc::bad_csr);
  return read_names(list.get());
}

/// One of our algorithms, or its like with another length of SHA-2: nothing that is signed over MD5 or SHA-1.
inline bool has_sound_algorithm(const X509_REQ* request) {
  const X509_ALGOR* algorithm = nullptr;
  X509_REQ_get0_signature(request, nullptr, &algorithm);
  const ASN1_OBJECT* oid = nullptr;
  X509_ALGOR_get0(&oid, nullptr, nullptr, algorithm);
  switch (OBJ_obj2nid(oid)) {
    case NID_ecdsa_with_SHA256:
    case NID_ecdsa_with_SHA384:
    case NID_ecdsa_with_SHA512:
    case NID_sha256WithRSAEncryption:
    case NID_sha384WithRSAEncryption:
    case NID_sha512WithRSAEncryption:
    case NID_ED25519: return true;
    case NID_rsassaPss:
      return sealring::detail::to_der<i2d_X509_ALGOR>(algorithm) ==
             sealring::detail::to_der<i2d_X509_ALGOR>(algorithm_identifier(algorithm_id::ps256).get());
    default: return false;
  }
}

}  // namespace detail

/// A request, read only. Copies share it; safe from many threads. All that it says is its sender's word, until verify() has
/// shown that he holds the key, and a CA that he holds the names.
class certification_request {
public:
  /// errc::bad_csr also where extensions or names cannot be read, and where an extension stands there twice.
  [[nodiscard]] static result<certification_request> from_der(bytes_view der) {
    certification_request read;
    read.request_ = sealring::detail::from_der<sealring::detail::x509_req, d2i_X509_REQ>(der);
    if (!read.request_ || X509_REQ_get_version(read.request_.get()) != X509_REQ_VERSION_1) return fail(errc::bad_csr);
    auto extensions = detail::requested_extensions(read.request_.get());
    if (!extensions) return extensions.error();
    auto names = detail::requested_names(*extensions);
    if (!names) return names.error();
    if (detail::has_twins(*extensions)) return fail(errc::bad_csr);
    read.extensions_ = *std::move(extensions);
    read.names_ = *std::move(names);
    read.der_.assign(der.begin(), der.end());
    return read;
  }

  /// The first PEM block, with either label (RFC 7468 section 7 and its appendix A).
  [[nodiscard]] static result<certification_request> from_pem(std::string_view pem) {
    auto blocks = sealring::from_pem("CERTIFICATE REQUEST", pem);
    if (!blocks) blocks = sealring::from_pem("NEW CERTIFICATE REQUEST", pem);
    if (!blocks) return blocks.error();
    return from_der(blocks->front());
  }

  [[nodiscard]] const bytes& der() const noexcept { return der_; }

  /// Whether the key that is to be certified signed this: by ECDSA or RSA with SHA-2 (RSASSA-PSS as ps256 has it), or Ed25519.
  /// errc::bad_signature otherwise; errc::bad_public_key for a key that proves nothing; public_key()'s errors.
  [[nodiscard]] result<void> verify() const {
    X509_REQ* request = request_.get();
    const auto key = public_key();
    if (!key) return key.error();
    if (!is_sound(*key)) return fail(errc::bad_public_key);
    if (!detail::has_sound_algorithm(request) || X509_REQ_verify(request, X509_REQ_get0_pubkey(request)) != 1)
      return sealring::detail::crypto_failure(errc::bad_signature);
    return {};
  }

  /// What subjectAltName has, as it stands there. Let parse_identifier look at each that is to be believed.
  [[nodiscard]] const subject_alt_names& names() const noexcept { return names_; }

  /// Old programs put a name in its CN.
  [[nodiscard]] distinguished_name subject() const { return to_distinguished_name(X509_REQ_get_subject_name(request_.get())); }

  /// All that are asked for, subjectAltName among them, in order.
  [[nodiscard]] const std::vector<extension>& extensions() const noexcept { return extensions_; }

  /// The SubjectPublicKeyInfo, DER.
  [[nodiscard]] bytes spki() const {
    return sealring::detail::to_der<i2d_X509_PUBKEY>(X509_REQ_get_X509_PUBKEY(request_.get()));
  }

  /// errc::unsupported_key for a key of a kind that sealring has no algorithm for.
  [[nodiscard]] result<any_public_key> public_key() const { return from_spki(spki()); }

private:
  std::shared_ptr<X509_REQ> request_;
  std::vector<extension> extensions_;
  subject_alt_names names_;
  bytes der_;
};

}  // namespace sealring::inline v0::x509

#pragma once

#include "sealring/x509/certification_request.hpp"

#include "sealring/pem.hpp"
#include "sealring/sound_key.hpp"
#include "sealring/x509/algorithm_identifier.hpp"

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

SEALRING_INLINE result<certification_request> certification_request::from_der(bytes_view der) {
  certification_request read;
  auto request = sealring::detail::from_der<sealring::detail::x509_req, d2i_X509_REQ>(der);
  read.request_ = {request.release(), X509_REQ_free};
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

SEALRING_INLINE result<certification_request> certification_request::from_pem(std::string_view pem) {
  auto blocks = sealring::from_pem("CERTIFICATE REQUEST", pem);
  if (!blocks) blocks = sealring::from_pem("NEW CERTIFICATE REQUEST", pem);
  if (!blocks) return blocks.error();
  return from_der(blocks->front());
}

SEALRING_INLINE result<void> certification_request::verify() const {
  X509_REQ* request = request_.get();
  const auto key = public_key();
  if (!key) return key.error();
  if (!is_sound(*key)) return fail(errc::bad_public_key);
  if (!detail::has_sound_algorithm(request) || X509_REQ_verify(request, X509_REQ_get0_pubkey(request)) != 1)
    return sealring::detail::crypto_failure(errc::bad_signature);
  return {};
}

SEALRING_INLINE bytes certification_request::spki() const {
  return sealring::detail::to_der<i2d_X509_PUBKEY>(X509_REQ_get_X509_PUBKEY(request_.get()));
}

}  // namespace sealring::inline v0::x509

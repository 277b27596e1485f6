// Certification requests (PKCS#10, RFC 2986) for any signer: the private key is asked for one signature and for nothing else.
#pragma once

#include "sealring/any_signer.hpp"
#include "sealring/ecdsa_der.hpp"
#include "sealring/public_key.hpp"
#include "sealring/x509/algorithm_identifier.hpp"
#include "sealring/x509/identifier.hpp"

namespace sealring::inline v0::x509 {

namespace detail {

using namespace sealring::detail;

inline general_name to_general_name(const identifier& id) {
  if (const auto checked = parse_identifier(id.value); !checked || *checked != id) return nullptr;
  general_name out{GENERAL_NAME_new()};
  const bytes octets = ip_octets(id);
  const bool ip = id.kind == identifier::type::ip;
  ASN1_STRING* value = ip ? ASN1_OCTET_STRING_new() : ASN1_IA5STRING_new();
  const void* data = ip ? static_cast<const void*>(octets.data()) : id.value.data();
  const std::size_t size = ip ? octets.size() : id.value.size();
  if (!out || size == 0 || value == nullptr || ASN1_STRING_set(value, data, static_cast<int>(size)) != 1) {
    ASN1_STRING_free(value);
    return nullptr;
  }
  GENERAL_NAME_set0_value(out.get(), ip ? GEN_IPADD : GEN_DNS, value);
  return out;
}

/// subjectAltName; critical, since the subject is empty (RFC 5280 section 4.2.1.6).
inline x509_extension subject_alt_name(std::span<const identifier> names) {
  const general_names list{GENERAL_NAMES_new()};
  for (const identifier& id : names) {
    general_name one = to_general_name(id);
    if (!list || !one || sk_GENERAL_NAME_push(list.get(), one.get()) <= 0) return nullptr;
    static_cast<void>(one.release());
  }
  return x509_extension{X509V3_EXT_i2d(NID_subject_alt_name, 1, list.get())};
}

/// A request with everything but its signature.
inline x509_req unsigned_request(const any_public_key& key, algorithm_id algorithm, std::span<const identifier> names) {
  x509_req request{X509_REQ_new()};
  if (!request || names.empty() || !set_spki(X509_REQ_get_X509_PUBKEY(request.get()), key)) return nullptr;
  const x509_extensions extensions{sk_X509_EXTENSION_new_null()};
  x509_extension san = subject_alt_name(names);
  if (!extensions || !san || sk_X509_EXTENSION_push(extensions.get(), san.get()) <= 0) return nullptr;
  static_cast<void>(san.release());
  const x509_algor signature_algorithm = algorithm_identifier(algorithm);
  if (!signature_algorithm || X509_REQ_set_version(request.get(), 0) != 1 ||
      X509_REQ_add_extensions(request.get(), extensions.get()) != 1 ||
      X509_REQ_set1_signature_algo(request.get(), signature_algorithm.get()) != 1)
    return nullptr;
  return request;
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

inline result<bytes> finish(x509_req request, bytes_view signature) {
  // By way of DER, since an ASN1_STRING's flags (no unused bits) cannot be set in every version of libcrypto.
  bytes content{0};
  content.insert(content.end(), signature.begin(), signature.end());
  const int size = static_cast<int>(content.size());
  bytes der(static_cast<std::size_t>(ASN1_object_size(0, size, V_ASN1_BIT_STRING)));
  unsigned char* out = der.data();
  ASN1_put_object(&out, 0, size, V_ASN1_BIT_STRING, V_ASN1_UNIVERSAL);
  copy_bytes(content, out);
  const unsigned char* in = der.data();
  ASN1_BIT_STRING* value = d2i_ASN1_BIT_STRING(nullptr, &in, static_cast<long>(der.size()));
  if (value == nullptr) return crypto_failure();
  X509_REQ_set0_signature(request.get(), value);
  bytes finished = to_der<i2d_X509_REQ>(request.get());
  if (finished.empty()) return crypto_failure();
  return finished;
}

}  // namespace detail

/// A DER request for `names` (at least one), with an empty subject: CAs take the names from subjectAltName alone.
template <some_signer S>
[[nodiscard]] result<bytes> make_csr(const S& key, std::span<const identifier> names) {
  auto request = detail::unsigned_request(public_key_of_signer(key), id_of(key), names);
  if (!request) return detail::crypto_failure(errc::bad_name);
  const bytes info = sealring::detail::to_der<i2d_re_X509_REQ_tbs>(request.get());
  auto raw = sign_bytes(key, info);
  if (!raw) return raw.error();
  auto signature = detail::x509_signature(id_of(key), *std::move(raw));
  if (!signature) return signature.error();
  return detail::finish(std::move(request), *signature);
}

}  // namespace sealring::inline v0::x509

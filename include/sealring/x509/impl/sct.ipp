#pragma once

#include "sealring/x509/sct.hpp"

#include "sealring/digest.hpp"
#include "sealring/x509/fields.hpp"

#include <algorithm>
#include <utility>

namespace sealring::inline v0::x509 {

namespace detail {

inline int encode_scts(STACK_OF(SCT) * list, unsigned char** out) { return i2d_SCT_LIST(list, out); }

SEALRING_INLINE result<sct_list> embedded_scts(const X509* x509) {
  const int at = X509_get_ext_by_NID(x509, NID_ct_precert_scts, -1);
  if (at < 0) return sct_list{};
  if (X509_get_ext_by_NID(x509, NID_ct_precert_scts, at) >= 0) return fail(errc::bad_sct_list);
  const bytes_view value = octets(X509_EXTENSION_get_data(X509_get_ext(x509, at)));
  const unsigned char* in = value.data();
  sct_list list{d2i_SCT_LIST(nullptr, &in, static_cast<long>(value.size()))};
  if (!list || sk_SCT_num(list.get()) == 0) return sealring::detail::crypto_failure(errc::bad_sct_list);
  const bytes again = sealring::detail::to_der<encode_scts>(list.get());
  ERR_clear_error();
  if (!std::ranges::equal(again, value)) return fail(errc::bad_sct_list);
  return list;
}

SEALRING_INLINE void append(bytes& out, std::uint64_t value, unsigned octets) {
  while (octets-- > 0) out.push_back(static_cast<std::uint8_t>(value >> (8 * octets)));
}

/// PreCert: the hash of the issuer's key, and "the DER-encoded TBSCertificate of the certificate, without the SCT extension"
inline result<bytes> precertificate(const certificate& leaf, const certificate& issuer) {
  const sealring::detail::x509 copy{X509_dup(leaf.native_handle())};
  const auto issuer_key = hash<sha256>(issuer.spki());
  if (!issuer_key) return issuer_key.error();
  if (!copy) return sealring::detail::crypto_failure();
  const int at = X509_get_ext_by_NID(copy.get(), NID_ct_precert_scts, -1);
  X509_EXTENSION_free(X509_delete_ext(copy.get(), at));
  const bytes tbs = sealring::detail::to_der<i2d_re_X509_tbs>(copy.get());
  if (tbs.empty() || tbs.size() >= 1U << 24) return sealring::detail::crypto_failure(errc::bad_certificate);
  bytes entry(issuer_key->view().begin(), issuer_key->view().end());
  append(entry, tbs.size(), 3);
  entry.insert(entry.end(), tbs.begin(), tbs.end());
  return entry;
}

SEALRING_INLINE bytes signed_by_log(const SCT* sct, const bytes& precertificate) {
  bytes text;
  append(text, SCT_VERSION_V1, 1);
  append(text, 0, 1);  // certificate_timestamp
  append(text, SCT_get_timestamp(sct), 8);
  append(text, CT_LOG_ENTRY_TYPE_PRECERT, 2);
  text.insert(text.end(), precertificate.begin(), precertificate.end());
  unsigned char* extensions = nullptr;  // a static-ct log puts its leaf_index there
  const std::size_t size = SCT_get0_extensions(sct, &extensions);
  append(text, size, 2);
  text.insert(text.end(), extensions, extensions + size);
  return text;
}

SEALRING_INLINE bool signed_with(const ct_log& log, const SCT* sct, const bytes& text) {
  const auto key = sealring::detail::from_der<sealring::detail::evp_pkey, d2i_PUBKEY>(log.spki);
  const int algorithm = SCT_get_signature_nid(sct);
  const char* needed = algorithm == NID_ecdsa_with_SHA256 ? "EC" : algorithm == NID_sha256WithRSAEncryption ? "RSA" : "";
  const sealring::detail::evp_md_ctx ctx{EVP_MD_CTX_new()};
  unsigned char* signature = nullptr;
  const std::size_t size = SCT_get0_signature(sct, &signature);
  const bool good = key && ctx && EVP_PKEY_is_a(key.get(), needed) == 1 &&
                    EVP_DigestVerifyInit(ctx.get(), nullptr, sha256::evp(), nullptr, key.get()) == 1 &&
                    EVP_DigestVerify(ctx.get(), signature, size, text.data(), text.size()) == 1;
  ERR_clear_error();
  return good;
}

/// The timestamp is any 64 bits that a log signed: compared as what it is, and not converted.
inline bool is_after(std::uint64_t timestamp, milliseconds_point point) {
  return std::cmp_greater(timestamp, point.time_since_epoch().count());
}

SEALRING_INLINE judged_sct judge(const SCT* sct, const bytes& precertificate, std::span<const ct_log> logs,
                                 milliseconds_point now) {
  judged_sct judged;
  if (SCT_get_version(sct) != SCT_VERSION_V1) return judged;
  unsigned char* id = nullptr;
  const std::size_t size = SCT_get0_log_id(sct, &id);
  const bytes_view log_id{id, size};
  judged.log_id = to_hex(log_id);
  judged.timestamp = SCT_get_timestamp(sct);
  const auto log = std::ranges::find_if(logs, [&](const ct_log& one) {
    const auto its_id = hash<sha256>(one.spki);
    return its_id && std::ranges::equal(its_id->view(), log_id);
  });
  judged.verdict = sct_verdict::unknown_log;
  if (log == logs.end()) return judged;
  judged.description = log->description;
  judged.verdict = sct_verdict::bad_signature;
  if (!signed_with(*log, sct, signed_by_log(sct, precertificate))) return judged;
  judged.verdict = sct_verdict::valid;
  if (log->retired && is_after(judged.timestamp, *log->retired)) judged.verdict = sct_verdict::after_retirement;
  if (is_after(judged.timestamp, now)) judged.verdict = sct_verdict::from_the_future;
  return judged;
}

}  // namespace detail

SEALRING_INLINE result<std::vector<judged_sct>> verify_scts(const certificate& certificate, const x509::certificate& issuer,
                                                            std::span<const ct_log> logs, milliseconds_point now) {
  const auto list = detail::embedded_scts(certificate.native_handle());
  if (!list) return list.error();
  std::vector<judged_sct> judged;
  if (!*list) return judged;
  if (!certificate.issued_by(issuer)) return fail(errc::chain_out_of_order);
  const auto precertificate = detail::precertificate(certificate, issuer);
  if (!precertificate) return precertificate.error();
  for (int i = 0; i < sk_SCT_num(list->get()); ++i)
    judged.push_back(detail::judge(sk_SCT_value(list->get(), i), *precertificate, logs, now));
  return judged;
}

}  // namespace sealring::inline v0::x509

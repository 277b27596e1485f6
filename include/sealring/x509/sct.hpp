// Signed certificate timestamps (RFC 6962 sections 3.2 and 3.3): whether the logs promised to publish a certificate. Offline,
// with the logs' keys alone.
//
// libcrypto reads the SCTs, but its own verification takes logs from a file of its own format and from nowhere else. So what a
// log signs is put together here; the tests let libcrypto judge the same SCTs.
#pragma once

#include "sealring/x509/certificate.hpp"

#include <openssl/ct.h>

namespace sealring::inline v0::x509 {

using milliseconds_point = std::chrono::sys_time<std::chrono::milliseconds>;

/// A log that is trusted.
struct ct_log {
  std::string description;
  bytes spki;                                 ///< the log's key, SubjectPublicKeyInfo, DER; its SHA-256 is the log's id
  std::optional<milliseconds_point> retired;  ///< what it signed later does not count
};

/// What is found of an SCT.
enum class sct_verdict : std::uint8_t {
  valid,
  unknown_version,  ///< not version 1 of RFC 6962: the other members are empty
  unknown_log,      ///< of no log in the list
  bad_signature,
  from_the_future,
  after_retirement,  ///< the log's signature, but given when the log did not count any more
};

[[nodiscard]] constexpr std::string_view name(sct_verdict verdict) noexcept {
  switch (verdict) {
    case sct_verdict::valid: return "valid";
    case sct_verdict::unknown_version: return "unknown version";
    case sct_verdict::unknown_log: return "unknown log";
    case sct_verdict::bad_signature: return "bad signature";
    case sct_verdict::from_the_future: return "from the future";
    case sct_verdict::after_retirement: return "after the log's retirement";
  }
  return "unknown verdict";
}

/// An SCT, and what was found of it.
struct judged_sct {
  sct_verdict verdict = sct_verdict::unknown_version;
  std::string log_id;           ///< hexadecimal
  std::string description;      ///< the log's; empty where it is unknown
  std::uint64_t timestamp = 0;  ///< milliseconds since 1970, as it stands in the SCT
};

namespace detail {

using sct_list = sealring::detail::owned<STACK_OF(SCT), SCT_LIST_free>;

/// Null where the certificate has no such extension. The list must be its own only encoding: libcrypto passes over octets
/// behind a signature.
result<sct_list> embedded_scts(const X509* x509);

void append(bytes& out, std::uint64_t value, unsigned octets);

/// What the log signed: the "digitally-signed struct" of section 3.2.
bytes signed_by_log(const SCT* sct, const bytes& precertificate);

/// ECDSA or RSASSA-PKCS1-v1_5, with SHA-256 (section 2.1.4).
bool signed_with(const ct_log& log, const SCT* sct, const bytes& text);

judged_sct judge(const SCT* sct, const bytes& precertificate, std::span<const ct_log> logs, milliseconds_point now);

}  // namespace detail

/// The SCTs embedded in `certificate`, in order, each with its verdict; none where it has none. errc::bad_sct_list where they
/// cannot be read, errc::chain_out_of_order where `issuer` is not the certificate's. Give `now` the leeway clocks need: a CA
/// has the SCTs moments before the certificate.
[[nodiscard]] result<std::vector<judged_sct>> verify_scts(const certificate& certificate, const x509::certificate& issuer,
                                                          std::span<const ct_log> logs, milliseconds_point now);

}  // namespace sealring::inline v0::x509

#ifndef SEALRING_COMPILED
#include "sealring/x509/impl/sct.ipp"
#endif

// Challenges (RFC 8555 sections 7.1.5 and 8), and what each type wants to be shown where.
#pragma once

#include "sealring/acme/problem.hpp"
#include "sealring/base64url.hpp"
#include "sealring/digest.hpp"

namespace sealring::inline v0::acme {

struct challenge {
  std::string type;              ///< "http-01", "dns-01", ...: types this toolkit has never heard of are kept, and passed over
  std::string url;               ///< "the URL to which a response can be posted"
  std::string status;            ///< "pending", "processing", "valid" or "invalid"
  std::string token;             ///< empty for types that have none (dns-persist-01)
  std::optional<problem> error;  ///< "error that occurred while the server was validating the challenge"
};

[[nodiscard]] inline challenge to_challenge(const json::object& o) {
  challenge c{text(o, "type"), text(o, "url"), text(o, "status"), text(o, "token"), {}};
  if (const json::object* error = object(o, "error")) c.error = to_problem(*error);
  return c;
}

/// token || '.' || base64url(Thumbprint(accountKey)) (section 8.1)
[[nodiscard]] inline std::string key_authorization(std::string_view token, std::string_view thumbprint) {
  return std::string{token} + '.' + std::string{thumbprint};
}

inline constexpr std::string_view http01 = "http-01";
inline constexpr std::string_view dns01 = "dns-01";
inline constexpr std::string_view dns_account01 = "dns-account-01";
inline constexpr std::string_view tls_alpn01 = "tls-alpn-01";

/// Where an http-01 key authorization is served, after "http://{domain}" (section 8.3)
inline constexpr std::string_view http01_prefix = "/.well-known/acme-challenge/";

/// The name of the TXT record of dns-01 (section 8.4). `domain` is without "*.", as authorization::identifier has it.
[[nodiscard]] inline std::string dns01_name(std::string_view domain) { return "_acme-challenge." + std::string{domain}; }

/// The record's value, of dns-01 and dns-account-01: "the base64url encoding of this digest" (section 8.4)
[[nodiscard]] inline sealring::result<std::string> dns01_value(std::string_view key_authorization) {
  const auto digest = hash<sha256>(as_bytes(key_authorization));
  if (!digest) return digest.error();
  return base64url_encode(digest->view());
}

namespace detail {

/// RFC 4648 section 6, in lower case, for data without a rest: five octets make eight characters.
inline std::string base32(bytes_view data) {
  static constexpr char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
  std::string text;
  std::uint32_t window = 0;
  unsigned bits = 0;
  for (const std::uint8_t octet : data) {
    window = (window << 8) | octet;
    for (bits += 8; bits >= 5; bits -= 5) text += alphabet[(window >> (bits - 5)) & 31];
  }
  return text;
}

}  // namespace detail

/// The record's name in dns-account-01, which two accounts can use beside each other (draft-ietf-acme-dns-account-label
/// section 3.1): "_" || base32(SHA-256(accountURL)[0:10]) || "._acme-challenge." || domain
[[nodiscard]] inline sealring::result<std::string> dns_account01_name(std::string_view account_url, std::string_view domain) {
  const auto digest = hash<sha256>(as_bytes(account_url));
  if (!digest) return digest.error();
  return '_' + detail::base32(digest->view().first(10)) + '.' + dns01_name(domain);
}

/// What tls-alpn-01 negotiates (RFC 8737 section 3), and the extension that carries its digest: id-pe-acmeIdentifier.
inline constexpr std::string_view tls_alpn01_protocol = "acme-tls/1";
inline constexpr std::string_view tls_alpn01_extension = "1.3.6.1.5.5.7.1.31";

/// "the SHA-256 digest ... of the key authorization": the content of that extension's OCTET STRING (RFC 8737 section 3)
[[nodiscard]] inline sealring::result<fixed_bytes<32>> tls_alpn01_digest(std::string_view key_authorization) {
  const auto digest = hash<sha256>(as_bytes(key_authorization));
  if (!digest) return digest.error();
  fixed_bytes<32> value{};
  std::ranges::copy(digest->view(), value.begin());
  return value;
}

}  // namespace sealring::inline v0::acme

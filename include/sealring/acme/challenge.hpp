// Challenges (RFC 8555 sections 7.1.5 and 8), and what each type wants to be shown where. dns-persist-01 has a header of its
// own.
#pragma once

#include "sealring/acme/problem.hpp"
#include "sealring/base64url.hpp"
#include "sealring/digest.hpp"

namespace sealring::inline v0::acme {

namespace detail {

/// As this object spells it.
inline std::string_view issuer_names_member(const json::object& o) {
  return o.contains("issuer-domain-names") ? "issuer-domain-names" : "issuerDomainNames";
}

}  // namespace detail

/// "A server's offer to validate a client's possession of an identifier in a specific way" (section 7.1.5).
struct challenge {
  /// "The type of challenge encoded in the object" (section 8): "http-01", "dns-01", ... Types this toolkit has never heard of
  /// are kept, and passed over.
  std::string type;
  /// "The URL to which a response can be posted" (section 8)
  std::string url;
  /// "Possible values are "pending", "processing", "valid", and "invalid"" (section 8)
  std::string status;
  /// "A random value that uniquely identifies the challenge" (section 8.3); empty for types that have none (dns-persist-01)
  std::string token;
  /// "Error that occurred while the server was validating the challenge, if any" (section 8)
  std::optional<problem> error;
  /// "The time at which the server validated this challenge" (section 8), RFC 3339; empty unless valid
  std::string validated{};
  /// "The client MUST choose one of these domain names to include in the DNS TXT record" (draft-ietf-acme-dns-persist-02
  /// section 3.1); of dns-persist-01 alone. Drafts before it spell the member "issuer-domain-names"; both are read.
  std::vector<std::string> issuer_domain_names{};
  json::object source{};  ///< as the server sent it
};

[[nodiscard]] inline challenge to_challenge(const json::object& o) {
  challenge c{.type = text(o, "type"),
              .url = text(o, "url"),
              .status = text(o, "status"),
              .token = text(o, "token"),
              .error = {},
              .validated = text(o, "validated"),
              .issuer_domain_names = texts(o, detail::issuer_names_member(o)),
              .source = o};
  if (const json::object* error = object(o, "error")) c.error = to_problem(*error);
  return c;
}

[[nodiscard]] inline json::object to_json(const challenge& c) {
  json::object o = c.source;
  detail::set_text(o, "type", c.type);
  detail::set_text(o, "url", c.url);
  detail::set_text(o, "status", c.status);
  detail::set_text(o, "validated", c.validated);
  detail::set_text(o, "token", c.token);
  detail::set_texts(o, detail::issuer_names_member(o), c.issuer_domain_names);
  detail::set_object(o, "error", c.error ? std::optional{to_json(*c.error)} : std::nullopt);
  return o;
}

/// A token "MUST NOT contain any characters outside the base64url alphabet" (section 8.3), and there must be one.
[[nodiscard]] inline bool is_token(std::string_view token) noexcept {
  return !token.empty() && std::ranges::all_of(token, [](char c) { return sealring::detail::base64url_value(c) >= 0; });
}

/// token || '.' || base64url(Thumbprint(accountKey)) (section 8.1). Empty for a challenge without a token, or with a bad one:
/// there is nothing that authorizes the key then.
[[nodiscard]] inline std::string key_authorization(std::string_view token, std::string_view thumbprint) {
  if (!is_token(token)) return {};
  return std::string{token} + '.' + std::string{thumbprint};
}

inline constexpr std::string_view http01 = "http-01";
inline constexpr std::string_view dns01 = "dns-01";
inline constexpr std::string_view dns_account01 = "dns-account-01";
inline constexpr std::string_view dns_persist01 = "dns-persist-01";
inline constexpr std::string_view tls_alpn01 = "tls-alpn-01";
inline constexpr std::string_view device_attest01 = "device-attest-01";

/// The response to every type but device-attest-01: "the response object ... is an empty JSON object" (section 8.3)
inline constexpr std::string_view respond_payload = "{}";

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

/// The response to device-attest-01: "the response object containing the WebAuthn attestation object in the "attObj" field"
/// (draft-ietf-acme-device-attest section 5). The attestation, CBOR of the device's own making, is over the key authorization.
[[nodiscard]] inline std::string device_attest_payload(bytes_view attestation_object) {
  return json::serialize(json::object{{"attObj", base64url_encode(attestation_object)}});
}

}  // namespace sealring::inline v0::acme

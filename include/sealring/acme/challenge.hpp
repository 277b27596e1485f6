// Challenges (RFC 8555 sections 7.1.5 and 8), and what each type wants to be shown where. dns-persist-01 has a header of its
// own.
#pragma once

#include "sealring/acme/problem.hpp"
#include "sealring/bytes.hpp"

namespace sealring::inline v0::acme {

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

[[nodiscard]] challenge to_challenge(const json::object& o);

[[nodiscard]] json::object to_json(const challenge& c);

/// A token "MUST NOT contain any characters outside the base64url alphabet" (section 8.3), and there must be one.
[[nodiscard]] bool is_token(std::string_view token) noexcept;

/// token || '.' || base64url(Thumbprint(accountKey)) (section 8.1). Empty for a challenge without a token, or with a bad one:
/// there is nothing that authorizes the key then.
[[nodiscard]] std::string key_authorization(std::string_view token, std::string_view thumbprint);

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
[[nodiscard]] std::string dns01_name(std::string_view domain);

/// The record's value, of dns-01 and dns-account-01: "the base64url encoding of this digest" (section 8.4)
[[nodiscard]] sealring::result<std::string> dns01_value(std::string_view key_authorization);

namespace detail {

/// RFC 4648 section 6, in lower case, for data without a rest: five octets make eight characters.
std::string base32(bytes_view data);

}  // namespace detail

/// The record's name in dns-account-01, which two accounts can use beside each other (draft-ietf-acme-dns-account-label
/// section 3.1): "_" || base32(SHA-256(accountURL)[0:10]) || "._acme-challenge." || domain
[[nodiscard]] sealring::result<std::string> dns_account01_name(std::string_view account_url, std::string_view domain);

/// What tls-alpn-01 negotiates (RFC 8737 section 3), and the extension that carries its digest: id-pe-acmeIdentifier.
inline constexpr std::string_view tls_alpn01_protocol = "acme-tls/1";
inline constexpr std::string_view tls_alpn01_extension = "1.3.6.1.5.5.7.1.31";

/// "the SHA-256 digest ... of the key authorization": the content of that extension's OCTET STRING (RFC 8737 section 3)
[[nodiscard]] sealring::result<fixed_bytes<32>> tls_alpn01_digest(std::string_view key_authorization);

/// The response to device-attest-01: "the response object containing the WebAuthn attestation object in the "attObj" field"
/// (draft-ietf-acme-device-attest section 5). The attestation, CBOR of the device's own making, is over the key authorization.
[[nodiscard]] std::string device_attest_payload(bytes_view attestation_object);

}  // namespace sealring::inline v0::acme

#ifndef SEALRING_COMPILED
#include "sealring/acme/impl/challenge.ipp"
#endif

#pragma once

#include "sealring/acme/challenge.hpp"

#include "sealring/base64url.hpp"
#include "sealring/digest.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace sealring::inline v0::acme {

namespace detail {

/// As this object spells it.
inline std::string_view issuer_names_member(const json::object& o) {
  return o.contains("issuer-domain-names") ? "issuer-domain-names" : "issuerDomainNames";
}

}  // namespace detail

SEALRING_INLINE challenge to_challenge(const json::object& o) {
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

SEALRING_INLINE json::object to_json(const challenge& c) {
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

SEALRING_INLINE bool is_token(std::string_view token) noexcept {
  return !token.empty() && std::ranges::all_of(token, [](char c) { return sealring::detail::base64url_value(c) >= 0; });
}

SEALRING_INLINE std::string key_authorization(std::string_view token, std::string_view thumbprint) {
  if (!is_token(token)) return {};
  return std::string{token} + '.' + std::string{thumbprint};
}

SEALRING_INLINE std::string dns01_name(std::string_view domain) { return "_acme-challenge." + std::string{domain}; }

SEALRING_INLINE sealring::result<std::string> dns01_value(std::string_view key_authorization) {
  const auto digest = hash<sha256>(as_bytes(key_authorization));
  if (!digest) return digest.error();
  return base64url_encode(digest->view());
}

namespace detail {

SEALRING_INLINE std::string base32(bytes_view data) {
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

SEALRING_INLINE sealring::result<std::string> dns_account01_name(std::string_view account_url, std::string_view domain) {
  const auto digest = hash<sha256>(as_bytes(account_url));
  if (!digest) return digest.error();
  return '_' + detail::base32(digest->view().first(10)) + '.' + dns01_name(domain);
}

SEALRING_INLINE sealring::result<fixed_bytes<32>> tls_alpn01_digest(std::string_view key_authorization) {
  const auto digest = hash<sha256>(as_bytes(key_authorization));
  if (!digest) return digest.error();
  fixed_bytes<32> value{};
  std::ranges::copy(digest->view(), value.begin());
  return value;
}

SEALRING_INLINE std::string device_attest_payload(bytes_view attestation_object) {
  return json::serialize(json::object{{"attObj", base64url_encode(attestation_object)}});
}

}  // namespace sealring::inline v0::acme

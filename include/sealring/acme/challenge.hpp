// Challenges (RFC 8555 sections 7.1.5 and 8).
#pragma once

#include "sealring/acme/problem.hpp"

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

/// Where an http-01 key authorization is served, after "http://{domain}" (section 8.3)
inline constexpr std::string_view http01_prefix = "/.well-known/acme-challenge/";

/// Makes the CA's validation succeed: serves a file, sets a record. `present` returns when a validation may begin.
template <class V>
concept challenge_solver = requires(V& v, const identifier& id, const challenge& c, const std::string& key_authorization) {
  { v.type() } -> std::convertible_to<std::string_view>;  // the challenge type it solves
  { v.present(id, c, key_authorization) } -> std::same_as<sealring::result<void>>;
  { v.clean_up(id, c) } noexcept;
};

}  // namespace sealring::inline v0::acme

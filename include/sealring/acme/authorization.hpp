// Authorizations: the CA's belief that an account controls an identifier (RFC 8555 section 7.1.4).
#pragma once

#include "sealring/acme/challenge.hpp"

namespace sealring::inline v0::acme {

/// "A server's authorization for an account to represent an identifier" (section 7.1.4).
struct authorization {
  std::string url;
  /// "The identifier that the account is authorized to represent" (section 7.1.4); without "*.", see `wildcard`
  sealring::identifier identifier;
  /// "Possible values are "pending", "valid", "invalid", "deactivated", "expired", and "revoked"" (section 7.1.4)
  std::string status;
  /// "The timestamp after which the server will consider this authorization invalid" (section 7.1.4), RFC 3339; "REQUIRED for
  /// objects with "valid" in the "status" field"
  std::string expires;
  /// "For pending authorizations, the challenges that the client can fulfill ... For valid authorizations, the challenge that
  /// was validated. For invalid authorizations, the challenge that was attempted and failed" (section 7.1.4)
  std::vector<challenge> challenges;
  /// "MUST be present and true for authorizations created as a result of a newOrder request containing a DNS identifier with a
  /// value that was a wildcard domain name" (section 7.1.4)
  bool wildcard = false;
  /// "MUST be true for authorizations where ACME server policy allows certificates to be issued for any" name "subordinate to
  /// the domain specified in the 'identifier' field of the authorization object" (RFC 9444 section 4.1)
  bool subdomain_auth_allowed = false;
  json::object source{};  ///< as the server sent it

  /// The challenge of that type, if it has what a response needs: a URL, and a token where the type has one. Else nullptr.
  [[nodiscard]] const challenge* find(std::string_view type) const noexcept;
};

/// Of any type: one that is neither "dns" nor "ip" is of type::other, and keeps its name.
[[nodiscard]] identifier to_identifier(const json::object& o);

[[nodiscard]] json::object to_json(const identifier& id);

[[nodiscard]] authorization to_authorization(const json::object& o, std::string url);

[[nodiscard]] json::object to_json(const authorization& a);

/// The payload of newAuthz: "the identifier to appear in the resulting authorization object" (section 7.4.1). Never a wildcard.
/// `for_subdomains` asks for one for all names "subordinate to the specified domain identifier value" as well (RFC 9444 section
/// 4.2), where directory::subdomain_auth_allowed.
[[nodiscard]] std::string new_authorization_payload(const identifier& id, bool for_subdomains = false);

}  // namespace sealring::inline v0::acme

#ifndef SEALRING_COMPILED
#include "sealring/acme/impl/authorization.ipp"
#endif

// Authorizations: the CA's belief that an account controls an identifier (RFC 8555 section 7.1.4).
#pragma once

#include "sealring/acme/challenge.hpp"

namespace sealring::inline v0::acme {

struct authorization {
  std::string url;
  sealring::identifier identifier;  ///< without "*.", see `wildcard`
  std::string status;               ///< "pending", "valid", "invalid", "deactivated", "expired" or "revoked"
  std::string expires;              ///< RFC 3339; empty unless valid
  std::vector<challenge> challenges;
  bool wildcard = false;  ///< "true for authorizations created as a result of a newOrder request containing a DNS identifier
                          ///< with a value that was a wildcard domain name"

  /// The challenge of that type with a token to answer, or nullptr.
  [[nodiscard]] const challenge* find(std::string_view type) const noexcept {
    for (const challenge& c : challenges)
      if (c.type == type && !c.token.empty() && !c.url.empty()) return &c;
    return nullptr;
  }
};

[[nodiscard]] inline identifier to_identifier(const json::object& o) {
  return {text(o, "type") == "ip" ? identifier::type::ip : identifier::type::dns, text(o, "value")};
}

[[nodiscard]] inline json::object to_json(const identifier& id) { return {{"type", name(id.kind)}, {"value", id.value}}; }

[[nodiscard]] inline authorization to_authorization(const json::object& o, std::string url) {
  authorization a{std::move(url), {}, text(o, "status"), text(o, "expires"), {}, flag(o, "wildcard")};
  if (const json::object* id = object(o, "identifier")) a.identifier = to_identifier(*id);
  each_object(o, "challenges", [&a](const json::object& c) { a.challenges.push_back(to_challenge(c)); });
  return a;
}

/// The payload of newAuthz: "the identifier that the account is authorized to represent" (section 7.4.1). Never a wildcard.
[[nodiscard]] inline std::string new_authorization_payload(const identifier& id) {
  return json::serialize(json::object{{"identifier", to_json(id)}});
}

}  // namespace sealring::inline v0::acme

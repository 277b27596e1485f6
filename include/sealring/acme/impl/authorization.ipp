#pragma once

#include "sealring/acme/authorization.hpp"

#include <boost/json/serialize.hpp>

namespace sealring::inline v0::acme {

SEALRING_INLINE identifier to_identifier(const json::object& o) {
  const std::string type = text(o, "type");
  if (type == "dns") return {identifier::type::dns, text(o, "value")};
  if (type == "ip") return {identifier::type::ip, text(o, "value")};
  return {identifier::type::other, text(o, "value"), type};
}

SEALRING_INLINE json::object to_json(const identifier& id) { return {{"type", type_name(id)}, {"value", id.value}}; }

SEALRING_INLINE authorization to_authorization(const json::object& o, std::string url) {
  authorization a{.url = std::move(url),
                  .identifier = {},
                  .status = text(o, "status"),
                  .expires = text(o, "expires"),
                  .challenges = objects(o, "challenges", to_challenge),
                  .wildcard = flag(o, "wildcard"),
                  .subdomain_auth_allowed = flag(o, "subdomainAuthAllowed"),
                  .source = o};
  if (const json::object* id = object(o, "identifier")) a.identifier = to_identifier(*id);
  return a;
}

SEALRING_INLINE json::object to_json(const authorization& a) {
  json::object o = a.source;
  const json::object* id = object(o, "identifier");
  if ((id != nullptr ? to_identifier(*id) : identifier{}) != a.identifier) o["identifier"] = to_json(a.identifier);
  detail::set_text(o, "status", a.status);
  detail::set_text(o, "expires", a.expires);
  detail::set_objects(o, "challenges", a.challenges, [](const challenge& c) { return to_json(c); });
  detail::set_flag(o, "wildcard", a.wildcard);
  detail::set_flag(o, "subdomainAuthAllowed", a.subdomain_auth_allowed);
  return o;
}

SEALRING_INLINE std::string new_authorization_payload(const identifier& id, bool for_subdomains) {
  json::object asked = to_json(id);
  if (for_subdomains) asked["subdomainAuthAllowed"] = true;
  return json::serialize(json::object{{"identifier", std::move(asked)}});
}

SEALRING_INLINE const challenge* authorization::find(std::string_view type) const noexcept {
  for (const challenge& c : challenges)
    if (c.type == type && !c.url.empty() && (is_token(c.token) || type == dns_persist01)) return &c;
  return nullptr;
}

}  // namespace sealring::inline v0::acme

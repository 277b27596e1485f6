#pragma once

#include "sealring/acme/directory.hpp"

namespace sealring::inline v0::acme {

namespace detail {

SEALRING_INLINE std::map<std::string, std::string> profiles_of(const json::object& meta) {
  std::map<std::string, std::string> named;
  if (const json::object* profiles = object(meta, "profiles"))
    for (const auto& profile : *profiles) named.emplace(profile.key(), text(*profiles, profile.key()));
  return named;
}

/// A profile that is described by something else than a text keeps its description.
inline void set_profiles(json::object& meta, const std::map<std::string, std::string>& named) {
  const auto before = profiles_of(meta);
  if (before == named) return;
  const json::object* as_it_was = object(meta, "profiles");
  json::object profiles = as_it_was != nullptr ? *as_it_was : json::object{};
  for (const auto& [name, description] : before)
    if (!named.contains(name)) profiles.erase(name);
  for (const auto& [name, description] : named)
    if (!before.contains(name) || before.at(name) != description) profiles[name] = description;
  set_object(meta, "profiles", profiles.empty() ? std::nullopt : std::optional{std::move(profiles)});
}

SEALRING_INLINE std::optional<auto_renewal_limits> limits_of(const json::object& meta) {
  const json::object* limits = object(meta, "auto-renewal");
  return limits != nullptr ? to_auto_renewal_limits(*limits) : std::nullopt;
}

}  // namespace detail

SEALRING_INLINE sealring::result<directory> to_directory(const json::object& o) {
  const json::object* found = object(o, "meta");
  const json::object meta = found != nullptr ? *found : json::object{};
  directory d{.new_nonce = text(o, "newNonce"),
              .new_account = text(o, "newAccount"),
              .new_order = text(o, "newOrder"),
              .new_authz = text(o, "newAuthz"),
              .revoke_cert = text(o, "revokeCert"),
              .key_change = text(o, "keyChange"),
              .renewal_info = text(o, "renewalInfo"),
              .terms_of_service = text(meta, "termsOfService"),
              .website = text(meta, "website"),
              .caa_identities = texts(meta, "caaIdentities"),
              .external_account_required = flag(meta, "externalAccountRequired"),
              .profiles = detail::profiles_of(meta),
              .url = {},
              .subdomain_auth_allowed = flag(meta, "subdomainAuthAllowed"),
              .auto_renewal = detail::limits_of(meta),
              .issuer_domain_names = texts(meta, "issuerDomainNames"),
              .account_hash_prefix = text(meta, "accountHashPrefix"),
              .source = o};
  if (d.new_nonce.empty() || d.new_account.empty() || d.new_order.empty()) return fail(sealring::errc::bad_json);
  return d;
}

SEALRING_INLINE json::object to_json(const directory& d) {
  json::object o = d.source;
  detail::set_text(o, "newNonce", d.new_nonce);
  detail::set_text(o, "newAccount", d.new_account);
  detail::set_text(o, "newOrder", d.new_order);
  detail::set_text(o, "newAuthz", d.new_authz);
  detail::set_text(o, "revokeCert", d.revoke_cert);
  detail::set_text(o, "keyChange", d.key_change);
  detail::set_text(o, "renewalInfo", d.renewal_info);
  const json::object* found = object(o, "meta");
  json::object meta = found != nullptr ? *found : json::object{};
  detail::set_text(meta, "termsOfService", d.terms_of_service);
  detail::set_text(meta, "website", d.website);
  detail::set_texts(meta, "caaIdentities", d.caa_identities);
  detail::set_flag(meta, "externalAccountRequired", d.external_account_required);
  detail::set_profiles(meta, d.profiles);
  detail::set_flag(meta, "subdomainAuthAllowed", d.subdomain_auth_allowed);
  if (detail::limits_of(meta) != d.auto_renewal)
    detail::set_object(meta, "auto-renewal", detail::changed_object(object(meta, "auto-renewal"), d.auto_renewal));
  detail::set_texts(meta, "issuerDomainNames", d.issuer_domain_names);
  detail::set_text(meta, "accountHashPrefix", d.account_hash_prefix);
  if (found != nullptr || !meta.empty()) o["meta"] = std::move(meta);
  return o;
}

}  // namespace sealring::inline v0::acme

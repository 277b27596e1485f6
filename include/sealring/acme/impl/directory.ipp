#pragma once

#include "sealring/acme/directory.hpp"

#include <algorithm>

namespace sealring::inline v0::acme {

namespace detail {

inline std::vector<profile> profiles_of(const json::object& meta) {
  std::vector<profile> all;
  if (const json::object* profiles = object(meta, "profiles"))
    for (const auto& one : *profiles) all.push_back({one.key(), text(*profiles, one.key())});
  return all;
}

inline bool has(const std::vector<profile>& all, std::string_view name) {
  return std::ranges::find(all, name, &profile::name) != all.end();
}

/// A profile that is described by something else than a text keeps its description.
inline void set_profiles(json::object& meta, const std::vector<profile>& wanted) {
  const auto before = profiles_of(meta);
  if (before == wanted) return;
  const json::object* as_it_was = object(meta, "profiles");
  json::object profiles = as_it_was != nullptr ? *as_it_was : json::object{};
  for (const auto& old : before)
    if (!has(wanted, old.name)) profiles.erase(old.name);
  for (const auto& one : wanted)
    if (std::ranges::find(before, one) == before.end()) profiles[one.name] = one.description;
  set_object(meta, "profiles", profiles.empty() ? std::nullopt : std::optional{std::move(profiles)});
}

inline std::optional<auto_renewal_limits> limits_of(const json::object& meta) {
  const json::object* limits = object(meta, "auto-renewal");
  return limits != nullptr ? to_auto_renewal_limits(*limits) : std::nullopt;
}

}  // namespace detail

SEALRING_INLINE bool directory::has_profile(std::string_view name) const { return detail::has(profiles, name); }

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

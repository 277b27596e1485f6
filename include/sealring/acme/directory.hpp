// The directory: where a CA's resources are (RFC 8555 section 7.1.1).
#pragma once

#include "sealring/acme/auto_renewal.hpp"

#include <map>

namespace sealring::inline v0::acme {

/// The URLs of a CA, and what it says of itself (section 7.1.1).
struct directory {
  std::string new_nonce;     ///< "New nonce" (section 7.1.1)
  std::string new_account;   ///< "New account" (section 7.1.1)
  std::string new_order;     ///< "New order" (section 7.1.1)
  std::string new_authz;     ///< "If the ACME server does not implement pre-authorization ... it MUST omit" it (section 7.1.1)
  std::string revoke_cert;   ///< "Revoke certificate" (section 7.1.1)
  std::string key_change;    ///< "Key change" (section 7.1.1)
  std::string renewal_info;  ///< the base of each certificate's URL (RFC 9773 section 3); empty where not offered

  // Of its "meta".

  /// "A URL identifying the current terms of service" (section 7.1.1)
  std::string terms_of_service;
  /// "An HTTP or HTTPS URL locating a website providing more information about the ACME server" (section 7.1.1)
  std::string website;
  /// "The hostnames that the ACME server recognizes as referring to itself for the purposes of CAA record validation" (section
  /// 7.1.1)
  std::vector<std::string> caa_identities;
  /// "If this field is present and set to "true", then the CA requires that all newAccount requests include an
  /// "externalAccountBinding"" (section 7.1.1)
  bool external_account_required = false;
  /// "A map of profile names to human-readable descriptions of those profiles" (draft-ietf-acme-profiles section 3)
  std::map<std::string, std::string> profiles;

  std::string url;  ///< where it was read, redirections followed; empty for one that was not fetched

  // Of its "meta", again.

  /// "Indicates if an ACME server supports authorization of subdomains" (RFC 9444 section 4.4)
  bool subdomain_auth_allowed = false;
  /// "MUST be present if the server supports STAR" (RFC 8739 section 3.2)
  std::optional<auto_renewal_limits> auto_renewal{};
  /// "Lets a client discover Issuer Domain Names before opening any authorization" (draft-ietf-acme-dns-persist-02 section 3.2)
  std::vector<std::string> issuer_domain_names{};
  /// "This prefix places hashed account URIs under the CA's infrastructure" (draft-ietf-acme-dns-persist-02 section 4.1); empty
  /// from CAs of an earlier draft
  std::string account_hash_prefix{};
  json::object source{};  ///< as the server sent it
};

namespace detail {

inline std::map<std::string, std::string> profiles_of(const json::object& meta) {
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

inline std::optional<auto_renewal_limits> limits_of(const json::object& meta) {
  const json::object* limits = object(meta, "auto-renewal");
  return limits != nullptr ? to_auto_renewal_limits(*limits) : std::nullopt;
}

}  // namespace detail

/// errc::bad_json where a resource that issuance cannot do without is missing.
[[nodiscard]] inline sealring::result<directory> to_directory(const json::object& o) {
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

[[nodiscard]] inline json::object to_json(const directory& d) {
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

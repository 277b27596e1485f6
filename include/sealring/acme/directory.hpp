// The directory: where a CA's resources are (RFC 8555 section 7.1.1).
#pragma once

#include "sealring/acme/auto_renewal.hpp"

namespace sealring::inline v0::acme {

/// One of the profiles of certificates that a CA offers (draft-ietf-acme-profiles section 3).
struct profile {
  std::string name;
  std::string description;

  friend bool operator==(const profile&, const profile&) = default;
};

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
  std::vector<profile> profiles;

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

  /// Whether `profiles` has one of this name.
  [[nodiscard]] bool has_profile(std::string_view name) const;
};

/// errc::bad_json where a resource that issuance cannot do without is missing.
[[nodiscard]] sealring::result<directory> to_directory(const json::object& o);

[[nodiscard]] json::object to_json(const directory& d);

}  // namespace sealring::inline v0::acme

#ifndef SEALRING_COMPILED
#include "sealring/acme/impl/directory.ipp"
#endif

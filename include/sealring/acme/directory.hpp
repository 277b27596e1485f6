// The directory: where a CA's resources are (RFC 8555 section 7.1.1).
#pragma once

#include "sealring/acme/json.hpp"

#include <map>

namespace sealring::inline v0::acme {

struct directory {
  std::string new_nonce;
  std::string new_account;
  std::string new_order;
  std::string new_authz;  ///< empty where "the ACME server does not implement pre-authorization"
  std::string revoke_cert;
  std::string key_change;
  std::string renewal_info;  ///< RFC 9773 section 4; empty where not offered

  std::string terms_of_service;                 ///< "a URL identifying the current terms of service"
  std::string website;                          ///< "an HTTP or HTTPS URL locating a website"
  std::vector<std::string> caa_identities;      ///< "the hostnames that the ACME server recognizes as referring to itself"
  bool external_account_required = false;       ///< whether newAccount needs an externalAccountBinding
  std::map<std::string, std::string> profiles;  ///< name and description (draft-ietf-acme-profiles)

  std::string url;  ///< where it was read, redirections followed; empty for one that was not fetched
};

/// errc::bad_json where a resource that issuance cannot do without is missing.
[[nodiscard]] inline sealring::result<directory> to_directory(const json::object& o) {
  directory d{text(o, "newNonce"),
              text(o, "newAccount"),
              text(o, "newOrder"),
              text(o, "newAuthz"),
              text(o, "revokeCert"),
              text(o, "keyChange"),
              text(o, "renewalInfo"),
              {},
              {},
              {},
              false,
              {},
              {}};
  if (d.new_nonce.empty() || d.new_account.empty() || d.new_order.empty()) return fail(sealring::errc::bad_json);
  if (const json::object* meta = object(o, "meta")) {
    d.terms_of_service = text(*meta, "termsOfService");
    d.website = text(*meta, "website");
    d.caa_identities = texts(*meta, "caaIdentities");
    d.external_account_required = flag(*meta, "externalAccountRequired");
    if (const json::object* profiles = object(*meta, "profiles"))
      for (const auto& profile : *profiles) d.profiles.emplace(profile.key(), text(*profiles, profile.key()));
  }
  return d;
}

}  // namespace sealring::inline v0::acme

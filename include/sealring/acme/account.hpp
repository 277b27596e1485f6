// Accounts (RFC 8555 sections 7.1.2 and 7.3).
#pragma once

#include "sealring/acme/json.hpp"
#include "sealring/jose/hmac.hpp"

namespace sealring::inline v0::acme {

/// A set of metadata associated with the account (section 7.1.2).
struct account {
  /// From the Location header (section 7.3): the "kid" of every later request
  std::string url;
  /// "Possible values are "valid", "deactivated", and "revoked"" (section 7.1.2)
  std::string status;
  /// "An array of URLs that the server can use to contact the client for issues related to this account" (section 7.1.2)
  std::vector<std::string> contact;
  /// "A URL from which a list of orders submitted by this account can be fetched" (section 7.1.2); empty where not offered
  std::string orders;
  /// "Including this field in a newAccount request, with a value of true, indicates the client's agreement with the terms of
  /// service" (section 7.1.2)
  bool terms_of_service_agreed = false;
  /// "Indicates approval by the holder of an existing non-ACME account to bind that account to this ACME account" (section
  /// 7.1.2): the JWS that was sent; nothing from most CAs
  std::optional<json::object> external_account_binding{};
  json::object source{};  ///< as the server sent it
};

[[nodiscard]] account to_account(const json::object& o, std::string url);

[[nodiscard]] json::object to_json(const account& a);

/// What newAccount is asked for.
struct account_request {
  std::vector<std::string> contact{};                ///< "mailto:" URLs, and others that the CA takes (section 7.3)
  bool terms_of_service_agreed = false;              ///< with those at directory::terms_of_service (section 7.3)
  const jose::hmac_key* external_account = nullptr;  ///< external account binding (section 7.3.4); lent for the call
};

/// The payload of newAccount. With a binding, `account_jwk` is signed for `new_account_url` with the CA's MAC key.
[[nodiscard]] sealring::result<std::string> new_account_payload(const account_request& wish, std::string_view account_jwk,
                                                                std::string_view new_account_url);

/// Asks for the account of this key, and for none to be made (section 7.3.1).
inline constexpr std::string_view existing_account_payload = R"({"onlyReturnExisting":true})";

/// "the client sends a POST request with updated information to the account URL" (section 7.3.2): its contacts are all there
/// is.
[[nodiscard]] std::string account_update_payload(std::span<const std::string> contacts);

/// "A client can deactivate an account by posting a signed update with a status field of "deactivated"" (section 7.3.6); an
/// authorization likewise (section 7.5.2)
inline constexpr std::string_view deactivate_payload = R"({"status":"deactivated"})";

}  // namespace sealring::inline v0::acme

#ifndef SEALRING_COMPILED
#include "sealring/acme/impl/account.ipp"
#endif

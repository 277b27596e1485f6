// Accounts (RFC 8555 sections 7.1.2 and 7.3).
#pragma once

#include "sealring/acme/json.hpp"
#include "sealring/jose/hmac.hpp"

namespace sealring::inline v0::acme {

struct account {
  std::string url;                   ///< from the Location header: the "kid" of every later request
  std::string status;                ///< "valid", "deactivated" or "revoked"
  std::vector<std::string> contact;  ///< "URLs that the server can use to contact the client"
  std::string orders;                ///< "a URL from which a list of orders ... can be fetched"; empty where not offered
};

[[nodiscard]] inline account to_account(const json::object& o, std::string url) {
  return {std::move(url), text(o, "status"), texts(o, "contact"), text(o, "orders")};
}

/// What newAccount is asked for.
struct account_request {
  std::vector<std::string> contact{};
  bool terms_of_service_agreed = false;
  const jose::hmac_key* external_account = nullptr;  ///< external account binding (section 7.3.4); lent for the call
};

/// The payload of newAccount. With a binding, `account_jwk` is signed for `new_account_url` with the CA's MAC key.
[[nodiscard]] inline sealring::result<std::string> new_account_payload(const account_request& wish,
                                                                       std::string_view account_jwk,
                                                                       std::string_view new_account_url) {
  json::object payload;
  if (!wish.contact.empty()) payload["contact"] = json::array(wish.contact.begin(), wish.contact.end());
  if (wish.terms_of_service_agreed) payload["termsOfServiceAgreed"] = true;
  if (wish.external_account != nullptr) {
    auto binding = jose::sign_flattened(*wish.external_account, {.nonce = {}, .url = new_account_url}, account_jwk);
    if (!binding) return binding.error();
    auto object = parse_object(*binding);
    if (!object) return object.error();
    payload["externalAccountBinding"] = *std::move(object);
  }
  return json::serialize(payload);
}

/// Asks for the account of this key, and for none to be made (section 7.3.1).
inline constexpr std::string_view existing_account_payload = R"({"onlyReturnExisting":true})";

/// "the client sends a POST request with updated information to the account URL" (section 7.3.2): its contacts are all there
/// is.
[[nodiscard]] inline std::string account_update_payload(std::span<const std::string> contacts) {
  return json::serialize(json::object{{"contact", json::array(contacts.begin(), contacts.end())}});
}

/// "A client can deactivate an account by posting a signed update with a status field of "deactivated"" (section 7.3.6); an
/// authorization likewise (section 7.5.2)
inline constexpr std::string_view deactivate_payload = R"({"status":"deactivated"})";

}  // namespace sealring::inline v0::acme

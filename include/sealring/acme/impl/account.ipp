#pragma once

#include "sealring/acme/account.hpp"

#include <boost/json/serialize.hpp>

namespace sealring::inline v0::acme {

SEALRING_INLINE account to_account(const json::object& o, std::string url) {
  account a{.url = std::move(url),
            .status = text(o, "status"),
            .contact = texts(o, "contact"),
            .orders = text(o, "orders"),
            .terms_of_service_agreed = flag(o, "termsOfServiceAgreed"),
            .external_account_binding = {},
            .source = o};
  if (const json::object* binding = object(o, "externalAccountBinding")) a.external_account_binding = *binding;
  return a;
}

SEALRING_INLINE json::object to_json(const account& a) {
  json::object o = a.source;
  detail::set_text(o, "status", a.status);
  detail::set_texts(o, "contact", a.contact);
  detail::set_flag(o, "termsOfServiceAgreed", a.terms_of_service_agreed);
  detail::set_object(o, "externalAccountBinding", a.external_account_binding);
  detail::set_text(o, "orders", a.orders);
  return o;
}

SEALRING_INLINE sealring::result<std::string> new_account_payload(const account_request& wish, std::string_view account_jwk,
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

SEALRING_INLINE std::string account_update_payload(std::span<const std::string> contacts) {
  return json::serialize(json::object{{"contact", json::array(contacts.begin(), contacts.end())}});
}

}  // namespace sealring::inline v0::acme

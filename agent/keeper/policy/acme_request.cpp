#include "agent/keeper/policy/acme_request.hpp"

#include "sealring/base64url.hpp"

#include <algorithm>

namespace sealring::agent::policy {
namespace {

failure refuse(std::string_view what, std::string_view why) {
  return fail(condition::bad_input, "ACME " + std::string{what} + ": " + std::string{why});
}

bool has(const json::object& o, std::string_view name) { return o.contains(name); }
// Times, profiles, certificate identifiers: the letters they need, so that no free text gets in.
bool plain_or_absent(const json::object& o, std::string_view name) {
  const json::string* text = string_member(o, name);
  const auto plain = [](char c) { return sealring::detail::base64url_value(c) >= 0 || c == '.' || c == ':' || c == '+'; };
  return !has(o, name) || (text != nullptr && !text->empty() && text->size() <= 128 && std::ranges::all_of(*text, plain));
}
bool flag_or_absent(const json::object& o, std::string_view name) {
  const json::value* value = o.if_contains(name);
  return value == nullptr || value->is_bool();
}
bool is_true(const json::object& o, std::string_view name) {
  const json::value* value = o.if_contains(name);
  return value != nullptr && value->is_bool() && value->get_bool();
}

result<bytes> decoded_member(const json::object& o, std::string_view what, std::string_view name) {
  const json::string* text = string_member(o, name);
  if (text == nullptr) return refuse(what, std::string{name} + " must be a string");
  auto data = base64url_decode({text->data(), text->size()});
  if (!data || data->empty()) return refuse(what, std::string{name} + " must be canonical base64url, and not empty");
  return *std::move(data);
}

result<std::vector<std::string>> contacts_of(const json::object& o, std::string_view what) {
  std::vector<std::string> contacts;
  const json::value* value = o.if_contains("contact");
  if (value == nullptr) return contacts;
  if (!value->is_array()) return refuse(what, "contact must be an array of strings");
  for (const json::value& one : value->get_array()) {
    if (!one.is_string()) return refuse(what, "contact must be an array of strings");
    contacts.emplace_back(one.get_string().begin(), one.get_string().end());
  }
  return contacts;
}

// Only as the CA will write it into the certificate: in lower case, addresses as RFC 5952 has them.
result<identifier> identifier_of(const json::value& value, std::string_view what) {
  const json::object* o = value.if_object();
  const json::string* type = o != nullptr ? string_member(*o, "type") : nullptr;
  const json::string* text = o != nullptr ? string_member(*o, "value") : nullptr;
  if (type == nullptr || text == nullptr || o->size() != 2) return refuse(what, "an identifier is {type, value}, two strings");
  const std::string_view canonical{text->data(), text->size()};
  auto id = parse_identifier(canonical);
  if (!id || id->value != canonical || name(id->kind) != std::string_view{type->data(), type->size()})
    return refuse(what, "an identifier is no canonical DNS name or IP address of its type");
  return *std::move(id);
}

result<acme_request> to_new_account(const json::object& o) {
  if (!flag_or_absent(o, "termsOfServiceAgreed") || !flag_or_absent(o, "onlyReturnExisting"))
    return refuse("newAccount", "a flag that is neither true nor false");
  // The binding's own signature is the CA's MAC over our JWK: nothing that this key vouches for is inside.
  if (const json::value* binding = o.if_contains("externalAccountBinding")) {
    const json::object* jws = binding->if_object();
    if (jws == nullptr || jws->size() != 3) return refuse("newAccount", "externalAccountBinding must be a flattened JWS");
    for (const char* part : {"protected", "payload", "signature"})
      if (auto data = decoded_member(*jws, "externalAccountBinding", part); !data) return data.error();
  }
  auto contacts = contacts_of(o, "newAccount");
  if (!contacts) return contacts.error();
  return new_account{*std::move(contacts), is_true(o, "onlyReturnExisting")};
}

result<acme_request> to_new_order(const json::object& o) {
  const json::value* list = o.if_contains("identifiers");
  for (const char* optional : {"notBefore", "notAfter", "replaces", "profile"})
    if (!plain_or_absent(o, optional)) return refuse("newOrder", std::string{optional} + " must be a plain string");
  if (!list->is_array() || list->get_array().empty())
    return refuse("newOrder", "identifiers must be an array with at least one");
  new_order order;
  for (const json::value& one : list->get_array()) {
    auto id = identifier_of(one, "newOrder");
    if (!id) return id.error();
    order.identifiers.push_back(*std::move(id));
  }
  return order;
}

result<acme_request> to_new_authorization(const json::object& o) {
  auto id = identifier_of(o.at("identifier"), "newAuthz");
  if (!id) return id.error();
  return new_authorization{*std::move(id)};
}

result<acme_request> to_finalize(const json::object& o) {
  auto csr = decoded_member(o, "finalize", "csr");
  if (!csr) return csr.error();
  return finalize{*std::move(csr)};
}

result<acme_request> to_revocation(const json::object& o) {
  auto certificate = decoded_member(o, "revokeCert", "certificate");
  if (!certificate) return certificate.error();
  revoke_cert wish{*std::move(certificate), {}};
  if (const json::value* reason = o.if_contains("reason")) {
    if (!reason->is_int64() || reason->get_int64() < 0 || reason->get_int64() > 10 || reason->get_int64() == 7)
      return refuse("revokeCert", "reason must be a CRLReason: 0 to 10 without 7");
    wish.reason = static_cast<int>(reason->get_int64());
  }
  return wish;
}

result<acme_request> to_deactivation(const json::object& o) {
  const json::string* status = string_member(o, "status");
  if (status == nullptr || *status != "deactivated") return refuse("deactivation", "status can be set to \"deactivated\" only");
  return deactivation{};
}

result<acme_request> to_key_change_outer(const json::object& o) {
  const json::string* header = string_member(o, "protected");
  auto payload = decoded_member(o, "keyChange", "payload");
  auto signature = decoded_member(o, "keyChange", "signature");
  if (!payload) return payload.error();
  if (!signature) return signature.error();
  if (header == nullptr) return refuse("keyChange", "protected must be a string");
  return key_change_outer{{header->begin(), header->end()}, {payload->begin(), payload->end()}};
}

result<acme_request> to_key_change_inner(const json::object& o) {
  const json::string* account = string_member(o, "account");
  const json::value* old_key = o.if_contains("oldKey");
  if (account == nullptr || !old_key->is_object()) return refuse("keyChange", "account must be a string, oldKey an object");
  return key_change_inner{{account->begin(), account->end()}, old_key->get_object()};
}

result<acme_request> to_account_update(const json::object& o) {
  auto contacts = contacts_of(o, "account update");
  if (!contacts) return contacts.error();
  return account_update{*std::move(contacts)};
}

/// A shape, by the member that no other has.
struct shape {
  std::string_view told_by;
  std::initializer_list<std::string_view> members;
  result<acme_request> (*read)(const json::object&);
};

}  // namespace

result<acme_request> parse_acme_request(std::string_view payload, signed_as how) {
  if (payload.empty()) return acme_request{post_as_get{}};
  const auto parsed = parse_strict_object(payload);
  if (!parsed) return fail(condition::bad_input, "ACME payload: " + parsed.error().what);
  if (how == signed_as::jwk &&
      only_members(*parsed, {"contact", "termsOfServiceAgreed", "externalAccountBinding", "onlyReturnExisting"}))
    return to_new_account(*parsed);
  if (parsed->empty()) return acme_request{challenge_response{}};
  const shape shapes[] = {
      {"identifiers", {"identifiers", "notBefore", "notAfter", "replaces", "profile"}, to_new_order},
      {"identifier", {"identifier"}, to_new_authorization},
      {"csr", {"csr"}, to_finalize},
      {"certificate", {"certificate", "reason"}, to_revocation},
      {"status", {"status"}, to_deactivation},
      {"protected", {"protected", "payload", "signature"}, to_key_change_outer},
      {"oldKey", {"account", "oldKey"}, to_key_change_inner},
      {"contact", {"contact"}, to_account_update},
  };
  for (const shape& s : shapes)
    if (has(*parsed, s.told_by) && only_members(*parsed, s.members)) return s.read(*parsed);
  return fail(condition::bad_input, "ACME payload: its members are those of no request that is known here");
}

}  // namespace sealring::agent::policy

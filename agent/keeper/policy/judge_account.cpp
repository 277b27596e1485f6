#include "agent/keeper/policy/certification_request.hpp"
#include "agent/keeper/policy/judge.hpp"
#include "agent/keeper/policy/jwk.hpp"
#include "agent/keeper/policy/jws_input.hpp"
#include "agent/text.hpp"
#include "sealring/jose/jwk.hpp"
#include "sealring/jose/name.hpp"

#include <algorithm>

namespace sealring::agent::policy {
namespace {

verdict needs_approval(rule r, std::string_view operation, std::string_view of, std::string what) {
  return deny(r, "this needs an operator's approval \"" + std::string{operation} + "\" of " + shown(of), std::move(what));
}

/// One request of an account key, whose header has been found in order. One function a shape of payload.
class shape_judge {
public:
  shape_judge(const request& r, const world& w, const account_rules& a, const jws_header& h)
      : r_{r}, w_{w}, account_{a}, header_{h} {}

  verdict operator()(const post_as_get&) const { return allow(rule::post_as_get, what("POST-as-GET")); }
  verdict operator()(const challenge_response&) const { return allow(rule::challenge_response, what("challenge response")); }

  verdict operator()(const new_account& wish) const {
    verdict v = contacts(wish.contact, rule::new_account, "newAccount");
    v.new_account_signed = v.allowed && !wish.only_return_existing;
    return v;
  }

  verdict operator()(const account_update& wish) const {
    if (header_.url != *header_.kid())
      return deny(rule::account_url_is_kid, "an account is updated at its own URL", what("account update"));
    return contacts(wish.contact, rule::account_update, "account update");
  }

  verdict operator()(const deactivation&) const {
    if (header_.url == *header_.kid())
      return approved("deactivate-account", {r_.key.name}, {header_.url}, rule::deactivate_account,
                      rule::deactivate_account_approval);
    return approved("deactivate-authorization", {r_.key.name}, {header_.url}, rule::deactivate_authorization,
                    rule::deactivate_authorization_approval);
  }

  verdict operator()(const new_order& wish) const { return names(wish.identifiers, rule::new_order, "newOrder"); }
  verdict operator()(const new_authorization& wish) const {
    return names({wish.identifier}, rule::new_authorization, "newAuthz");
  }

  verdict operator()(const finalize& wish) const {
    const auto csr = parse_certification_request(wish.csr);
    if (!csr) return deny(rule::account_csr_form, csr.error().what, what("finalize"));
    std::string asked = what("finalize " + shown(csr->names));
    const key_rules* key = w_.tls_key(csr->spki);
    if (key == nullptr)
      return deny(rule::account_csr_key, "the CSR is for no key of this token that a [[certificate]] has", std::move(asked));
    for (const identifier& id : csr->names)
      if (std::ranges::find(key->names, id.value) == key->names.end())
        return deny(rule::account_csr_names,
                    shown(id.value) + " is not among the domains of [[certificate]] " + quote(key->name), std::move(asked));
    for (const identifier& id : csr->names)
      if (!account_.names.contains(id.value)) return deny(rule::account_csr_names, not_ordered_here(id), std::move(asked));
    return allow(rule::finalize, std::move(asked));
  }

  verdict operator()(const revoke_cert& wish) const {
    const auto certificate = read_revoked(wish);
    if (!certificate) return deny(rule::account_certificate, certificate.error().what, what("revokeCert"));
    if (wish.reason != 1) return allow(rule::revoke_certificate, what("revokeCert " + certificate->sha256));
    const key_rules* certified = w_.tls_key(certificate->spki);
    return approved("revoke-key-compromise", {r_.key.name, certified != nullptr ? certified->name : r_.key.name},
                    {certificate->sha256}, rule::revoke_certificate, rule::key_compromise_approval);
  }

  // The account key that is to go vouches for the one that is to come (RFC 8555 section 7.3.5).
  verdict operator()(const key_change_outer& wish) const {
    const auto refuse = [&](std::string why) { return deny(rule::key_change_form, std::move(why), what("keyChange")); };
    const auto inner = parse_jws_header(wish.inner_protected);
    if (!inner) return refuse("keyChange, inner: " + inner.error().what);
    const auto payload = parse_acme_request(wish.inner_payload, signed_as::jwk);
    const auto* change = payload ? std::get_if<key_change_inner>(&*payload) : nullptr;
    if (inner->jwk() == nullptr || inner->nonce || inner->url != header_.url || change == nullptr)
      return refuse("keyChange: the inner JWS must have alg, jwk and the same url, and {account, oldKey} as its payload");
    if (change->account != *header_.kid() || !is_jwk_of(change->old_key, *r_.key.public_key))
      return refuse("keyChange: the inner JWS must name this account and this key");
    const auto fresh = thumbprint_of(*inner->jwk());
    const auto own = jose::thumbprint(*r_.key.public_key);
    if (!fresh || !own) return refuse("keyChange: the new key's jwk cannot be read");
    return approved("key-change", {r_.key.name}, {*own, *fresh}, rule::key_change, rule::key_change_approval);
  }

  verdict operator()(const key_change_inner& wish) const {
    const auto old = thumbprint_of(wish.old_key);
    const auto own = jose::thumbprint(*r_.key.public_key);
    if (!old || !own || *old == *own || wish.account != account_.kid || r_.key.name == account_.key)
      return deny(rule::key_change_form, "keyChange: the inner JWS must name the pinned account and another key as the old one",
                  what("keyChange, inner"));
    return approved("key-change", {account_.key}, {*old, *own}, rule::key_change, rule::key_change_approval);
  }

private:
  std::string what(const std::string& request) const { return "ACME " + request + " at " + header_.url; }

  std::string not_ordered_here(const identifier& id) const {
    return shown(id.value) + " is among the domains of no [[certificate]]" + (account_.fallback ? " with fallback = true" : "");
  }

  verdict contacts(const std::vector<std::string>& wanted, rule good, const char* request) const {
    for (const std::string& one : wanted)
      if (std::ranges::find(account_.contacts, one) == account_.contacts.end())
        return deny(rule::account_contact, shown(one) + " is not in " + std::string{section_of(account_)} + " contact",
                    what(request));
    return allow(good, what(request));
  }

  verdict names(const std::vector<identifier>& wanted, rule good, const std::string& request) const {
    for (const identifier& id : wanted)
      if (!account_.names.contains(id.value))
        return deny(rule::account_identifiers, not_ordered_here(id), what(request + ' ' + shown(wanted)));
    return allow(good, what(request + ' ' + shown(wanted)));
  }

  verdict approved(std::string_view operation, std::initializer_list<std::string_view> keys,
                   std::initializer_list<std::string_view> parameters, rule good, rule lacking) const {
    std::string asked = what(std::string{operation});
    const approval* found = find_approval(w_, operation, keys, parameters);
    if (found == nullptr) return needs_approval(lacking, operation, *(parameters.end() - 1), std::move(asked));
    verdict v = allow(good, std::move(asked));
    v.approvals.push_back(found->number);
    return v;
  }

  const request& r_;
  const world& w_;
  const account_rules& account_;
  const jws_header& header_;
};

// Pinned, or due after a newAccount, or approved: the account cannot be swapped under the operator.
std::optional<verdict> refused_kid(const request& r, const world& w, const account_rules& account, const std::string& kid,
                                   verdict& effects) {
  if (account.kid == kid) return std::nullopt;
  if (!is_at_ca(kid, account)) return deny(rule::account_kid, not_at_ca(kid, account));
  if (const approval* approved = find_approval(w, "new-kid", {r.key.name}, {kid})) {
    effects.approvals.push_back(approved->number);
  } else if (account.kid || !account.new_account_signed) {
    return deny(rule::account_kid, shown(kid) + (account.kid ? " is not the account in use" : " was given by no newAccount") +
                                       "; an operator can approve \"new-kid\"");
  }
  effects.pin_kid = kid;
  return std::nullopt;
}

// Where the header and the payload do not belong together.
const char* mismatch(const jws_header& header, const acme_request& wish) {
  const bool inner = std::holds_alternative<key_change_inner>(wish);
  if (inner == header.nonce.has_value()) return "a nonce must be in every request, and in no inner JWS of keyChange";
  if (header.kid() != nullptr) return inner ? "the inner JWS of keyChange must have jwk" : nullptr;
  return inner || std::holds_alternative<new_account>(wish) ? nullptr
                                                            : "only newAccount and the inner JWS of keyChange have jwk";
}

// While one key holds the account, another may only ask for it, and agree to take over.
bool is_for_any_key(const acme_request& wish) {
  const auto* account = std::get_if<new_account>(&wish);
  return std::holds_alternative<key_change_inner>(wish) || (account != nullptr && account->only_return_existing);
}

}  // namespace

verdict judge_account(const request& r, const world& w) {
  if (r.kind == request::type::sign_digest) return deny(rule::account_digest, "an account key signs ACME requests, no digests");
  const auto jws = parse_jws_input(r.payload);
  if (!jws) return deny(rule::jws_form, jws.error().what);
  const jws_header& header = jws->header;
  if (header.alg != jose::name(r.algorithm) || !is_jws_algorithm(r.algorithm))
    return deny(rule::jws_algorithm, "the JWS names another algorithm than the one it would be signed with, or PS256");
  const auto found = std::ranges::find(w.accounts, r.key.directory, &account_rules::directory);
  if (found == w.accounts.end())
    return deny(rule::account_url, "neither [ca] nor [fallback] has the directory of this account");
  const account_rules& account = *found;
  if (!is_at_ca(header.url, account)) return deny(rule::account_url, not_at_ca(header.url, account));
  if (header.jwk() != nullptr && !is_jwk_of(*header.jwk(), *r.key.public_key))
    return deny(rule::account_jwk, "the jwk in the JWS is another key's");
  const auto wish = parse_acme_request(jws->payload, header.jwk() != nullptr ? signed_as::jwk : signed_as::kid);
  if (!wish) return deny(rule::account_payload, wish.error().what);
  if (const char* why = mismatch(header, *wish)) return deny(rule::account_header, why);
  if (!account.key.empty() && account.key != r.key.name && !is_for_any_key(*wish))
    return deny(rule::account_second_key, "key " + quote(account.key) + " holds the account at this CA");
  verdict effects = allow(rule::post_as_get, {});
  if (header.kid() != nullptr)
    if (auto refused = refused_kid(r, w, account, *header.kid(), effects)) return *std::move(refused);
  verdict v = std::visit(shape_judge{r, w, account, header}, *wish);
  if (!v.allowed) return v;
  v.pin_kid = std::move(effects.pin_kid);
  v.approvals.insert(v.approvals.begin(), effects.approvals.begin(), effects.approvals.end());
  return v;
}

}  // namespace sealring::agent::policy

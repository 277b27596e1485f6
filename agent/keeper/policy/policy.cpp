#include "agent/keeper/policy/policy.hpp"

#include "agent/keeper/policy/judge.hpp"
#include "agent/keeper/policy/origin.hpp"
#include "agent/text.hpp"
#include "sealring/x509/certificate.hpp"

#include <algorithm>

namespace sealring::agent::policy {
namespace {

/// A key's own algorithms; with the size of the digest that each signs, 0 where it signs no digest.
struct fitting {
  algorithm_id id;
  std::size_t key_type;  ///< index in any_public_key
  std::size_t digest;
};
constexpr fitting fittings[] = {
    {algorithm_id::es256, 0, sha256::size}, {algorithm_id::es384, 1, sha384::size}, {algorithm_id::es512, 2, sha512::size},
    {algorithm_id::rs256, 3, sha256::size}, {algorithm_id::ps256, 3, sha256::size}, {algorithm_id::eddsa, 4, 0},
};

const fitting* fitting_of(algorithm_id id, const any_public_key& key) {
  const auto* found = std::ranges::find_if(fittings, [&](const fitting& f) { return f.id == id && f.key_type == key.index(); });
  return found != std::end(fittings) ? found : nullptr;
}

verdict judge_raw(const request& r, std::size_t digest) {
  if (!is_listed(r.from, r.key))
    return deny(rule::raw_peer, "only the peers of [[key]] " + quote(r.key.name) + " may sign with it");
  if (r.kind == request::type::sign_message)
    return allow(rule::raw_message, "message of " + std::to_string(r.payload.size()) + " octets");
  if (digest == 0 || r.payload.size() != digest)
    return deny(rule::raw_digest_length, "a digest of " + std::to_string(r.payload.size()) +
                                             " octets is none that the algorithm signs; it signs " + std::to_string(digest));
  return allow(rule::raw_digest, "digest of " + std::to_string(digest) + " octets");
}

constexpr std::size_t readable = 120;

std::string cut(std::string text) {
  if (text.size() > readable) text.replace(readable, std::string::npos, "...");
  return text;
}

}  // namespace

bool is_listed(const peer& p, const key_rules& key) noexcept {
  return std::ranges::any_of(key.peers, [&](const principal& one) {
    if (one.kind == principal::type::user) return one.id == p.uid;
    return one.id == p.gid || std::ranges::find(p.groups, one.id) != p.groups.end();
  });
}

bool authorised(const peer& p, const key_rules& key) noexcept {
  if (p.via == channel::manager) return true;
  return key.use != purpose::account && key.use != purpose::audit && is_listed(p, key);
}

verdict judge(const request& r, const world& w) {
  if (!authorised(r.from, r.key)) return deny(rule::unauthorised, std::string{unauthorised_text});
  if (r.key.use == purpose::audit)
    return deny(rule::audit_by_wire, "the audit key signs the keeper's own checkpoints and nothing else");
  const fitting* fits = fitting_of(r.algorithm, *r.key.public_key);
  if (fits == nullptr) return deny(rule::key_algorithm, "the algorithm is none of key " + quote(r.key.name));
  switch (r.key.use) {
    case purpose::account: return judge_account(r, w);
    case purpose::tls_server:
    case purpose::tls_client: return judge_tls(r, w);
    case purpose::raw: return judge_raw(r, fits->digest);
    case purpose::audit: break;
  }
  return deny(rule::audit_by_wire, {});
}

verdict allow(rule decided_by, std::string what) { return {true, decided_by, {}, std::move(what)}; }

verdict deny(rule decided_by, std::string why, std::string what) {
  return {false, decided_by, std::move(why), std::move(what)};
}

std::string shown(std::string_view text) { return quote(one_line(cut(std::string{text.substr(0, readable + 1)}))); }

std::string shown(const std::vector<identifier>& names) {
  std::string all;
  for (const identifier& id : names) {
    if (all.size() > readable) break;
    (all += all.empty() ? "" : ", ") += id.value;
  }
  return cut(all);
}

const approval* find_approval(const world& w, std::string_view operation, std::initializer_list<std::string_view> keys,
                              std::initializer_list<std::string_view> parameters) {
  const auto found = std::ranges::find_if(w.approvals, [&](const approval& a) {
    return a.operation == operation && a.expires > w.now && std::ranges::find(keys, a.key) != keys.end() &&
           std::ranges::equal(a.parameters, parameters);
  });
  return found != w.approvals.end() ? &*found : nullptr;
}

bool is_jws_algorithm(algorithm_id id) noexcept { return id != algorithm_id::ps256; }

bool is_at_ca(std::string_view url, const account_rules& account) {
  const auto origin = origin_of(url);
  return origin && std::ranges::find(account.origins, *origin) != account.origins.end();
}

std::string_view section_of(const account_rules& account) noexcept { return account.fallback ? "[fallback]" : "[ca]"; }

std::string not_at_ca(std::string_view url, const account_rules& account) {
  const std::string section{section_of(account)};
  std::string why = shown(url) + " is at no origin of " + section + " directory or " + section + " origins";
  if (const auto origin = origin_of(url))
    why += "; if the CA is known to use it, put origins = [" + quote(*origin) + "] under " + section +
           ", beside those that are there";
  return why;
}

result<revoked_certificate> read_revoked(const revoke_cert& wish) {
  const auto certificate = x509::certificate::from_der(wish.certificate);
  const auto digest = hash<sha256>(wish.certificate);
  if (!certificate || !digest) return fail(condition::bad_input, "revokeCert: what is to be revoked is no certificate");
  static constexpr char hex[] = "0123456789abcdef";
  revoked_certificate out{certificate->spki(), {}};
  for (const std::uint8_t octet : digest->view()) (out.sha256 += hex[octet >> 4]) += hex[octet & 15];
  return out;
}

}  // namespace sealring::agent::policy

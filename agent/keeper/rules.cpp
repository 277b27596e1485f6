#include "agent/keeper/rules.hpp"

#include "agent/accounts.hpp"
#include "agent/domain.hpp"
#include "agent/keeper/policy/origin.hpp"
#include "agent/key_name.hpp"
#include "agent/text.hpp"

#include <algorithm>

namespace sealring::agent {

namespace {

result<std::vector<policy::principal>> principals_of(const std::vector<std::string>& peers) {
  std::vector<policy::principal> out;
  for (const std::string& peer : peers) {
    const auto one = find_account(peer);
    if (!one) return one.error();
    using enum policy::principal::type;
    out.push_back({one->what == account_name::kind::group ? group : user, one->id});
  }
  return out;
}

policy::purpose purpose_of(key_purpose p) noexcept {
  switch (p) {
    case key_purpose::tls_server: return policy::purpose::tls_server;
    case key_purpose::tls_client: return policy::purpose::tls_client;
    case key_purpose::raw: break;
  }
  return policy::purpose::raw;
}

/// [fallback] may order for those certificates alone that say so.
result<policy::account_rules> account_rules_of(const config& c, const ca_section& ca, const key_book& book) {
  policy::account_rules account;
  account.directory = ca.directory;
  account.fallback = &ca != &c.ca;
  auto add_origin = [&](const std::string& url) -> result<void> {
    auto origin = policy::origin_of(url);
    if (!origin)
      return failure{origin.error().code,
                     (account.fallback ? "[fallback] " : "[ca] ") + quote(url) + ": " + origin.error().what};
    account.origins.push_back(*std::move(origin));
    return {};
  };
  if (auto added = add_origin(ca.directory); !added) return added.error();
  for (const std::string& other : ca.origins)
    if (auto added = add_origin(other); !added) return added.error();
  account.contacts = ca.contact;
  for (const certificate_entry& entry : c.certificates)
    if (!account.fallback || entry.fallback) account.names.insert(entry.domains.begin(), entry.domains.end());
  const kept_account kept = book.account_of(ca.directory);
  if (kept.requested || !kept.kid.empty()) account.key = account_key_name(ca.directory);
  if (!kept.kid.empty()) account.kid = kept.kid;
  account.new_account_signed = kept.requested;
  return account;
}

/// The CA whose account's key is called so, or nullptr.
const ca_section* ca_of_key(const config& c, std::string_view name) {
  if (name == account_key_name(c.ca.directory)) return &c.ca;
  return c.fallback && name == account_key_name(c.fallback->directory) ? &*c.fallback : nullptr;
}

std::optional<key_plan> plan_for(const config& c, std::string_view name, const certificate_entry* certificate) {
  if (ca_of_key(c, name) != nullptr) return key_plan{policy::purpose::account, c.account.key, "acme-account"};
  if (certificate != nullptr) return key_plan{purpose_of(certificate->purpose), certificate->key, certificate->name};
  const auto key = std::ranges::find(c.keys, name, &key_entry::name);
  if (key != c.keys.end()) return key_plan{purpose_of(key->purpose), key->type, key->name};
  return std::nullopt;
}

/// The id of the key in use; before that, of the one that was made last.
std::string holder_of(const key_book& book, std::string_view name) {
  std::string latest;
  for (const kept_key& key : book.keys()) {
    if (key.name != name) continue;
    if (key.state == key_state::current) return key.id;
    if (key.state == key_state::fresh) latest = key.id;
  }
  return latest;
}

}  // namespace

std::string_view to_string(policy::purpose use) noexcept {
  switch (use) {
    case policy::purpose::account: return "account";
    case policy::purpose::tls_server: return "tls-server";
    case policy::purpose::tls_client: return "tls-client";
    case policy::purpose::raw: return "raw";
    case policy::purpose::audit: break;
  }
  return "audit";
}

const std::vector<ruled_key>& rules::named(std::string_view name) const noexcept {
  static const std::vector<ruled_key> none;
  const auto found = keys.find(name);
  return found == keys.end() ? none : found->second;
}

const policy::key_rules* rules::tls_key(bytes_view spki) const noexcept {
  for (const auto& [name, list] : keys)
    for (const ruled_key& one : list) {
      const bool tls = one.rules.use == policy::purpose::tls_server || one.rules.use == policy::purpose::tls_client;
      if (tls && std::ranges::equal(one.rules.spki, spki)) return &one.rules;
    }
  return nullptr;
}

std::optional<key_plan> plan_for(const config& c, std::string_view name) { return plan_for(c, name, c.find_certificate(name)); }

result<std::shared_ptr<const rules>> make_rules(std::shared_ptr<const config> settings, uid_t owner, const key_book& book,
                                                const std::map<std::string, std::shared_ptr<const known_key>>& known) {
  auto made = std::make_shared<rules>();
  made->settings = std::move(settings);
  const config& c = *made->settings;
  auto operators = operators_of(c, owner);
  if (!operators) return operators.error();
  made->operators = *std::move(operators);
  for (const ca_section* ca : {&c.ca, c.fallback ? &*c.fallback : nullptr}) {
    if (ca == nullptr) continue;
    auto account = account_rules_of(c, *ca, book);
    if (!account) return account.error();
    made->accounts.push_back(*std::move(account));
  }
  for (const kept_approval& a : book.approvals())
    made->approvals.push_back({a.number, a.operation, a.key, a.parameters, a.expires});

  // Not looked for one by one: of ten thousand keys that would take half a second, at each change.
  std::map<std::string_view, const certificate_entry*> certificates;
  for (const certificate_entry& one : c.certificates) certificates.emplace(one.name, &one);
  for (const kept_key& kept : book.keys()) {
    const auto found = known.find(kept.id);
    const auto entry = certificates.find(kept.name);
    const certificate_entry* certificate = entry != certificates.end() ? entry->second : nullptr;
    const auto plan = plan_for(c, kept.name, certificate);
    if (found == known.end() || !plan) continue;
    const auto raw = std::ranges::find(c.keys, kept.name, &key_entry::name);
    auto peers = principals_of(certificate != nullptr ? certificate->peers
                               : raw != c.keys.end()  ? raw->peers
                                                      : std::vector<std::string>{});
    if (!peers) return failure{peers.error().code, "peers of " + quote(kept.name) + ": " + peers.error().what};
    const token_key& key = found->second->key;
    auto& list = made->keys[kept.name];
    // One key holds an account. Any other of its name is a stranger to the judge, who lets it agree to take over, and no more.
    const ca_section* const ca = ca_of_key(c, kept.name);
    const bool holds = ca == nullptr || kept.id == holder_of(book, kept.name);
    const ruled_key ruled{found->second,
                          kept.state,
                          {holds ? kept.name : kept.label, plan->use, &key.public_key(), key.spki(),
                           certificate != nullptr ? certificate->domains : std::span<const std::string>{}, *std::move(peers),
                           ca != nullptr ? ca->directory : std::string{}},
                          certificate != nullptr ? certificate->rate
                          : raw != c.keys.end()  ? raw->rate
                                                 : c.account.rate};
    // The one in use first; among those not yet in use the latest.
    if (kept.state == key_state::current ||
        (kept.state == key_state::fresh && (list.empty() || list.front().state != key_state::current)))
      list.insert(list.begin(), ruled);
    else list.push_back(ruled);
  }
  return std::shared_ptr<const rules>{std::move(made)};
}

}  // namespace sealring::agent

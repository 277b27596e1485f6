#include "agent/manager/issuer.hpp"

#include "agent/client/key_reference.hpp"
#include "agent/manager/ca_failure.hpp"
#include "agent/manager/fresh_key.hpp"
#include "agent/manager/live.hpp"
#include "agent/manager/live_leaf.hpp"
#include "agent/wall_clock.hpp"
#include "sealring/base64url.hpp"
#include "sealring/pem.hpp"

namespace sealring::agent {

namespace {

result<live_files> to_files(std::span<const x509::certificate> chain, const client::key_reference& key) {
  auto reference = client::to_pem(key);
  if (!reference) return fail(reference.error().code, reference.error().text);
  live_files files{.cert = to_pem("CERTIFICATE", chain.front().der()), .privkey = *std::move(reference)};
  for (const x509::certificate& issuer : chain.subspan(1)) files.chain += to_pem("CERTIFICATE", issuer.der());
  files.fullchain = files.cert + files.chain;
  files.combined = files.fullchain + files.privkey;
  return files;
}

pending_order new_order(const issuance& wanted, std::string replaces) {
  return {.name = wanted.entry.name,
          .domains = wanted.entry.domains,
          .directory = wanted.ca.directory,
          .profile = wanted.entry.profile,
          .replaces = std::move(replaces),
          .key_type = std::string{to_string(wanted.entry.key)}};
}

/// Whether the order of the journal is still what is wanted.
bool fits(const pending_order& journal, const issuance& wanted) {
  return journal.directory == wanted.ca.directory && journal.profile == wanted.entry.profile &&
         journal.key_type == to_string(wanted.entry.key) && std::ranges::is_permutation(journal.domains, wanted.entry.domains);
}

/// A key that was said to be in strangers' hands (RFC 5280 section 5.3.1) is not for the next certificate.
result<bool> is_compromised(const store& state, const std::string& name, const std::string& key_id) {
  constexpr int key_compromise = 1;
  const auto generations = state.generations(name);
  if (!generations) return generations.error();
  const auto revocations = state.pending_revocations();
  if (!revocations) return revocations.error();
  const auto watched = state.find_upkeep(name);
  if (!watched) return watched.error();
  const auto has_it = [&](const certificate& c) { return c.key_id == key_id && c.revocation_reason == key_compromise; };
  return std::ranges::any_of(*generations, has_it) || (*watched && (*watched)->revocation_reason == key_compromise) ||
         std::ranges::any_of(*revocations,
                             [&](const pending_revocation& r) { return r.name == name && r.reason == key_compromise; });
}

/// The key first: while the order stands in the journal, the next run tries again. A key that a certificate has is not the
/// order's any more.
result<void> abandon_order(const keeper_link& keys, store& state, const pending_order& order) {
  const auto generations = state.generations(order.name);
  if (!generations) return generations.error();
  const bool in_use = std::ranges::find(*generations, order.key_id, &certificate::key_id) != generations->end();
  if (!order.key_id.empty() && !in_use)
    if (auto gone = keys.retire(order.name, order.key_id); !gone) return gone;
  return state.erase_pending_order(order.name);
}

}  // namespace

result<certificate> issuer::issue(const issuance& wanted) {
  const certificate_entry& entry = wanted.entry;
  if (auto ready = check_publishable(settings.state.live, entry.name, settings.state.group); !ready) return ready.error();
  auto journal = state.find_pending_order(entry.name);
  if (!journal) return journal.error();
  if (*journal && !fits(**journal, wanted)) {
    if (auto gone = abandon(entry.name); !gone) return gone.error();
    journal->reset();
  }
  pending_order order =
      *journal ? **journal : new_order(wanted, wanted.replaced ? certificate_id_of(settings, *wanted.replaced) : std::string{});
  auto authority = ca::open(settings, wanted.ca, keys, state, requests);
  if (!authority) return authority.error();
  std::optional<held_key> key;
  const auto chain = authority->obtain(order, all_solvers,
                                       {.entry = entry,
                                        .note = [this](const pending_order& now) { return state.put(now); },
                                        .make_key = [&]() -> result<const held_key*> {
                                          auto made = key_for(entry, order);
                                          if (!made) return made.error();
                                          return &key.emplace(*std::move(made));
                                        },
                                        .progress = [this](std::string_view line) { tell(line); }});
  auto issued = chain ? put_in_place(entry, order, *key, *chain) : result<certificate>{chain.error()};
  // Only what passes by itself is worth going on with, what waits for a person, and a certificate that is there and has not
  // found its place. A challenge that has failed a person cannot meet any more, even if the CA leaves its order "pending".
  const auto waits_for_person = [&](const failure& f) { return entry.manual && !is_of_names(f); };
  if (!chain && chain.error().code != condition::retry_later && !waits_for_person(chain.error()))
    if (auto gone = abandon(entry.name); !gone) tell(gone.error().what);
  return issued;
}

result<held_key> issuer::key_for(const certificate_entry& entry, pending_order& order) {
  if (!order.key_id.empty()) {
    auto made = keys.find(entry.name, order.key_id);
    if (!made) return made.error();
    if (*made) return **std::move(made);
  } else if (entry.reuse_key) {
    const auto current = keys.current(entry.name);
    if (!current) return current.error();
    const auto given_up = *current ? is_compromised(state, entry.name, (*current)->id) : result<bool>{false};
    if (!given_up) return given_up.error();
    if (*current && !*given_up && (*current)->type == to_string(entry.key)) {
      auto known = keys.find(entry.name, (*current)->id);
      if (!known) return known.error();
      if (*known) return **std::move(known);
    }
  }
  if (order.key_id.empty()) {
    order.key_id = keeper_link::random_id();
    if (auto put = state.put(order); !put) return put.error();
  }
  tell("generating a " + std::string{to_string(entry.key)} + " key in the token");
  auto key = keys.generate(entry.name, order.key_id);
  if (!key && key.error().code == condition::denied) {  // perhaps for too many keys: those that nobody wants any more go
    const auto held = state.find_certificate(entry.name);
    if (held && *held && is_live(settings, **held)) retire_superseded(keys, state, **held);
    key = keys.generate(entry.name, order.key_id);
  }
  return key;
}

result<certificate> issuer::put_in_place(const certificate_entry& entry, const pending_order& order, const held_key& key,
                                         std::span<const x509::certificate> chain) {
  const x509::certificate& leaf = chain.front();
  certificate record{.name = entry.name,
                     .domains = entry.domains,
                     .directory = order.directory,
                     .key_label = key.label,
                     .key_id = key.id,
                     .key_type = key.type,
                     .serial = leaf.serial(),
                     .not_before = leaf.not_before(),
                     .not_after = leaf.not_after(),
                     .status = certificate_status::issued,
                     .issued_at = wall_clock::now(),
                     .revoked_at = {},
                     .revocation_reason = {}};
  const auto files = to_files(chain, {entry.name, settings.agent.listen, keys.agent(), key.spki});
  if (!files) return files.error();
  // The record first: after a crash between the two, live/NAME still serves the certificate before, whose key is still known.
  if (auto put = state.put(record); !put) return put.error();
  auto published = publish(settings.state.live, entry.name, record.serial, *files, settings.state.group);
  if (!published) {
    if (auto undone = state.erase_certificate(record.name, record.serial); !undone) return undone.error();
    return published.error();
  }
  if (auto adopted = keys.adopt(entry.name, key.id); !adopted) return adopted.error();
  if (auto done = state.erase_pending_order(entry.name); !done) return done.error();
  return record;
}

result<void> issuer::abandon(const std::string& name) {
  const auto order = state.find_pending_order(name);
  if (!order) return order.error();
  return *order ? abandon_order(keys, state, **order) : result<void>{};
}

void retire_superseded(const keeper_link& keys, const store& state, const certificate& live) {
  const auto before = state.generations(live.name);
  if (!before) return;
  for (const certificate& one : *before)
    if (one.key_id != live.key_id) static_cast<void>(keys.retire(live.name, one.key_id));
}

result<std::size_t> settle_leftovers(const config& c, const keeper_link& keys, store& state, std::chrono::sys_seconds before) {
  auto destroyed = settle_account_keys(keys, state, before);
  if (!destroyed) return destroyed;
  const auto orders = state.pending_orders();
  if (!orders) return orders.error();
  for (const pending_order& order : *orders) {
    if (c.find_certificate(order.name) != nullptr) continue;
    if (auto gone = abandon_order(keys, state, order); !gone) return gone.error();
    if (!order.key_id.empty()) ++*destroyed;
  }
  return destroyed;
}

}  // namespace sealring::agent

#include "agent/manager/desk.hpp"

#include "agent/manager/live_leaf.hpp"
#include "agent/text.hpp"
#include "sealring/base64url.hpp"
#include "sealring/jose/jwk.hpp"
#include "sealring/public_key.hpp"

namespace sealring::agent {

namespace {

result<const ca_section*> ca_at(const config& c, const std::string& directory) {
  if (directory.empty() || directory == c.ca.directory) return &c.ca;
  if (c.fallback && directory == c.fallback->directory) return &*c.fallback;
  return fail(condition::bad_input, "neither [ca] nor [fallback] has the directory " + quote(directory));
}

result<account> known_account(const store& state, const std::string& directory) {
  auto known = state.find_account(directory);
  if (!known) return known.error();
  if (!*known)
    return fail(condition::operator_needed, "there is no account at " + directory + " yet; 'sealring init' makes one");
  return **std::move(known);
}

}  // namespace

result<store> desk::open_store() const { return store::open(world_.settings()->state.store); }

result<std::shared_ptr<const config>> desk::reload(const std::filesystem::path& file, bool keeper_runs,
                                                   std::chrono::seconds patience) {
  auto read = load(file);
  if (!read) return read.error();
  // The keeper allows no name that it has not read.
  if (keeper_runs) {
    const auto keys = world_.keeper();
    if (!keys) return keys.error();
    if (auto told = (*keys)->reload(); !told) return told.error();
  }
  if (auto taken = world_.take(std::make_shared<const config>(*std::move(read))); !taken) return taken.error();
  auto state = open_store();
  if (!state) return state.error();
  if (auto known = certificates_.load(world_.settings(), *state, patience); !known) return known.error();
  return world_.settings();
}

template <class F>
auto desk::with_account(const std::string& directory, F use, bool settling) const -> decltype(use(std::declval<ca&>())) {
  const auto c = world_.settings();
  const auto section = ca_at(*c, directory);
  if (!section) return section.error();
  const auto keys = world_.keeper();
  if (!keys) return keys.error();
  auto state = open_store();
  if (!state) return state.error();
  if (auto forgotten = ca::forget_given_up((*section)->directory, **keys, *state); !forgotten) return forgotten.error();
  if (auto known = known_account(*state, (*section)->directory); !known) return known.error();
  auto authority = ca::open(*c, **section, **keys, *state, {}, settling);
  if (!authority) return authority.error();
  return use(*authority);
}

result<void> desk::settle() {
  const auto keys = world_.keeper();
  if (!keys) return keys.error();
  auto state = open_store();
  if (!state) return state.error();
  const auto destroyed = settle_leftovers(*world_.settings(), **keys, *state, began_);
  if (!destroyed) return destroyed.error();
  if (*destroyed > 0)
    world_.log("destroyed " + std::to_string(*destroyed) + " key(s) that an interrupted run left in the token");
  return go_on();
}

result<void> desk::go_on() {
  auto state = open_store();
  if (!state) return state.error();
  const auto revocations = state->pending_revocations();
  if (!revocations) return revocations.error();
  const auto accounts = state->accounts();
  if (!accounts) return accounts.error();
  result<void> all;
  for (const account& one : *accounts) {
    const auto rollover = state->find_pending_rollover(one.directory);
    if (!rollover) return rollover.error();
    if (!*rollover || !(*rollover)->begun) continue;
    // To open the account settles it.
    if (auto done = with_account(one.directory, [](ca&) { return result<void>{}; }); !done) all = done;
  }
  for (const pending_revocation& one : *revocations) {
    auto done = carry_out(*state, one, {}, {});
    if (done) continue;
    if (done.error().code == condition::retry_later) {
      all = done.error();
      continue;
    }
    world_.log(one.name + " (serial " + one.serial + ") was NOT revoked, and it is not tried again: " + done.error().what);
    if (auto erased = state->erase(one); !erased) all = erased;
  }
  return all;
}

result<std::vector<kept_certificate>> desk::all() const {
  auto out = certificates_.all();
  const auto state = open_store();
  if (!state) return state.error();
  const auto held = state->certificates();
  if (!held) return held.error();
  const std::size_t configured = out.size();  // in the order of their names, as those held are
  for (const certificate& one : *held)
    if (!std::ranges::binary_search(std::span{out}.first(configured), one.name, {},
                                    [](const kept_certificate& c) { return std::string_view{c.entry->name}; }))
      out.push_back({.held = one});
  std::ranges::sort(out, {}, [](const kept_certificate& c) { return c.held ? c.held->name : c.entry->name; });
  return out;
}

result<kept_certificate> desk::find(const std::string& name) const {
  const auto known = all();
  if (!known) return known.error();
  std::string names;
  for (const kept_certificate& one : *known) {
    const std::string& its = one.held ? one.held->name : one.entry->name;
    if (its == name) return one;
    (names += names.empty() ? "; there are: " : ", ") += its;
  }
  return fail(condition::bad_input,
              "no certificate " + quote(name) + (names.empty() ? "; 'sealring issue' obtains one" : names));
}

result<renewal::outcome> desk::issue(const std::string& name, const renewal::order& wish) {
  auto state = open_store();
  if (!state) return state.error();
  return certificates_.issue(*state, name, wish);
}

result<void> desk::authorize(const std::string& name, const reporter& progress) {
  const auto known = certificates_.find(name);
  if (!known) return fail(condition::bad_input, "the operator's files have no certificate " + quote(name));
  auto state = open_store();
  if (!state) return state.error();
  return world_.authorize(*state, *known->entry, progress);
}

// --- Revocation --------------------------------------------------------------------------------------------------------------

result<certificate> desk::revoke(const std::string& name, const revocation_wish& wish, const reporter& progress,
                                 const reporter& requests) {
  const auto c = world_.settings();
  auto state = open_store();
  if (!state) return state.error();
  const auto known = find(name);
  if (!known) return known.error();
  if (!known->held) return fail(condition::bad_input, name + " has not been issued yet: there is nothing to revoke");
  const certificate& held = *known->held;
  if (held.status == certificate_status::revoked) return held;
  if (held.directory != c->ca.directory && !(c->fallback && held.directory == c->fallback->directory))
    return fail(condition::bad_input, name + " was issued by " + held.directory + "; set that as [ca] directory to revoke it");
  if (!is_live(*c, held))
    return fail(condition::operator_needed, "the files in live/" + name + " are not those of serial " + held.serial +
                                                "; run 'sealring issue --name " + name + "' first");
  const auto leaf = live_leaf(*c, held);
  if (!leaf) return leaf.error();
  const pending_revocation journal{.name = name,
                                   .serial = held.serial,
                                   .directory = held.directory,
                                   .certificate = base64url_encode(leaf->der()),
                                   .reason = wish.reason,
                                   .by_certificate_key = wish.by_certificate_key,
                                   .replace = wish.replace};
  if (auto put = state->put(journal); !put) return put.error();
  auto done = carry_out(*state, journal, progress, requests);
  // What the CA has refused is not tried again; what was cut short is.
  if (!done && done.error().code != condition::retry_later)
    if (auto erased = state->erase(journal); !erased) return erased.error();
  return done;
}

result<certificate> desk::carry_out(store& state, const pending_revocation& journal, const reporter& progress,
                                    const reporter& requests) {
  const auto tell = [&](const std::string& line) {
    if (progress) progress(line);
  };
  const auto c = world_.settings();
  if (journal.replace) {
    const auto held = state.find_certificate(journal.name);
    if (!held) return held.error();
    // One that was obtained before we were cut short may not be in use yet.
    const bool force = *held && (*held)->serial == journal.serial;
    if (auto replaced = certificates_.issue(state, journal.name, {.force = force, .progress = progress, .requests = requests});
        !replaced)
      return replaced.error();
  }
  const auto keys = world_.keeper();
  if (!keys) return keys.error();
  const auto section = ca_at(*c, journal.directory);
  if (!section) return section.error();
  auto authority = ca::open(*c, **section, **keys, state, requests);
  if (!authority) return authority.error();
  const auto der = base64url_decode<bytes>(journal.certificate);
  const auto leaf = der ? x509::certificate::from_der(*der) : sealring::result<x509::certificate>{der.error()};
  if (!leaf) return fail(leaf.error(), "the certificate that is to be revoked");
  std::optional<held_key> own_key;
  if (journal.by_certificate_key) {
    const auto public_key = from_spki(leaf->spki());
    if (!public_key) return fail(public_key.error(), "the public key of " + journal.serial);
    auto signer = (*keys)->signer_of(journal.name, *public_key);
    if (!signer) return signer.error();
    own_key = held_key{journal.name, {}, {}, {}, {}, *std::move(signer)};
  }
  tell("revoking " + journal.serial);
  if (auto revoked = authority->revoke(leaf->der(), journal.reason, own_key ? &*own_key : nullptr); !revoked)
    return revoked.error();
  auto generations = state.generations(journal.name);
  if (!generations) return generations.error();
  const auto record = std::ranges::find(*generations, journal.serial, &certificate::serial);
  if (record == generations->end())
    return fail(condition::bad_input, "serial " + journal.serial + " is not in the store any more");
  record->status = certificate_status::revoked;
  record->revoked_at = world_.now();
  record->revocation_reason = journal.reason;
  if (auto put = state.put(*record); !put) return put.error();
  if (auto erased = state.erase(journal); !erased) return erased.error();
  if (auto known = certificates_.refresh(state, journal.name); !known) return known.error();
  return *record;
}

// --- Accounts
// -----------------------------------------------------------------------------------------------------------------

result<account_facts> desk::account_at(const std::string& directory) const {
  const auto c = world_.settings();
  const auto section = ca_at(*c, directory);
  if (!section) return section.error();
  const auto state = open_store();
  if (!state) return state.error();
  if (const auto known = known_account(*state, (*section)->directory); !known) return known.error();
  const auto keys = world_.keeper();
  if (!keys) return keys.error();
  const auto answer = with_account((*section)->directory, [](ca& authority) { return authority.ask_status(); });
  // A change of its key may have come to its end just now.
  const auto record = known_account(*state, (*section)->directory);
  if (!record) return record.error();
  account_facts facts{.record = *record,
                      .status = answer ? *answer : record->status,
                      .trouble = answer ? std::string{} : answer.error().what,
                      .key = {},
                      .thumbprint = {}};
  auto list = (*keys)->list();
  if (!list) return list.error();
  const auto key = std::ranges::find(*list, facts.record.key_id, &wire::key_facts::id);
  if (key == list->end())
    return fail(condition::operator_needed, "the account's key " + facts.record.key_label + " is not in the token");
  facts.key = *key;
  auto public_key = from_spki(key->spki);
  if (!public_key) return fail(public_key.error(), "the account's public key");
  auto thumbprint = jose::thumbprint(*public_key);
  if (!thumbprint) return fail(thumbprint.error(), "hashing the account key");
  facts.thumbprint = *thumbprint;
  return facts;
}

result<void> desk::update_account(const std::string& directory) {
  return with_account(directory, [](ca& authority) { return authority.update_contacts(); });
}

result<void> desk::deactivate_account(const std::string& directory) {
  return with_account(directory, [](ca& authority) { return authority.deactivate(); });
}

result<rollover_plan> desk::prepare_rollover(const std::string& directory) {
  return with_account(directory, [](ca& authority) { return authority.prepare_rollover(); }, false);
}

result<void> desk::roll_over(const std::string& directory) {
  return with_account(directory, [](ca& authority) { return authority.roll_over(); });
}

}  // namespace sealring::agent

// Another key for the account (RFC 8555 section 7.3.5): planned, agreed to, changed, and the old one destroyed.
//
// Each step is in the journal before it is taken: pending_rollover names both keys from before the new one is made until the
// old one is gone.

#include "agent/manager/ca_conversation.hpp"

namespace sealring::agent {

result<void> ca::conversation::change_key(const held_key& next) {
  if (auto changed = client.change_key(next.signer); !changed) return from(changed.error());
  return take_over(next);
}

/// The CA has the new key.
result<void> ca::conversation::take_over(const held_key& next) {
  if (auto adopted = keys.adopt(next.name, next.id); !adopted) return adopted;
  record.key_id = next.id;
  record.key_label = next.label;
  if (auto put = state.put(record); !put) return put;
  key = next;
  return {};
}

/// The old key goes.
result<void> ca::conversation::finish(const pending_rollover& journal) {
  if (auto gone = keys.retire(key.name, journal.old_key_id); !gone) return gone;
  rolled_over = true;
  return state.erase_pending_rollover(journal.directory);
}

/// As the operator has agreed. Where keeper or CA refuse it, it is a plan again, and the account is used as it is.
result<void> ca::conversation::go_on(pending_rollover journal, const held_key& next) {
  if (auto changed = client.change_key(next.signer); !changed) {
    auto refused = from(changed.error());
    if (refused.code == condition::retry_later) return refused;
    journal.begun = false;
    return state.put(journal);
  }
  return take_over(next);
}

/// After a crash the CA alone knows which of the two keys is good (section 7.3.1).
result<void> ca::conversation::settle(const pending_rollover& journal) {
  if (journal.new_key_id != record.key_id) {
    auto next = keys.find(key.name, journal.new_key_id);
    if (!next) return next.error();
    if (!*next) return state.erase_pending_rollover(journal.directory);  // it was not made
    if (auto found = find_live_key(journal, **next); !found) return found;
  }
  // Where the old key cannot go, the account is good all the same, and the next who opens it tries again.
  if (journal.new_key_id == record.key_id) static_cast<void>(finish(journal));
  return {};
}

result<void> ca::conversation::find_live_key(const pending_rollover& journal, const held_key& next) {
  for (const auto& [candidate, is_new_key] : {std::pair{next, true}, std::pair{key, false}}) {
    acme_client other{make_http(section, {}), candidate.signer, client.directory()};
    const auto found = other.find_account();
    if (!found && (!found.error().problem || found.error().code == condition::retry_later)) return from(found.error());
    if (!found || found->url != record.url) continue;
    if (!is_new_key) return journal.begun ? go_on(journal, next) : result<void>{};  // a plan's key waits
    client = std::move(other);
    return take_over(candidate);
  }
  return fail(condition::operator_needed, "the CA knows neither key of account " + record.url +
                                              ", whose change was cut short; ask the CA, or make a new account with "
                                              "'sealring init'");
}

result<rollover_plan> ca::prepare_rollover() {
  conversation& c = *conversation_;
  if (c.client.directory().key_change.empty())
    return fail(condition::unsupported, c.section.directory + " offers no change of an account's key (RFC 8555 section 7.3.5)");
  auto journal = c.state.find_pending_rollover(c.section.directory);
  if (!journal) return journal.error();
  if (!*journal) {
    journal = pending_rollover{c.section.directory, c.record.key_id, keeper_link::random_id(), false};
    if (auto put = c.state.put(**journal); !put) return put.error();
  }
  auto next = c.keys.find(c.key.name, (*journal)->new_key_id);
  if (!next) return next.error();
  if (!*next) {
    auto made = c.keys.generate(c.key.name, (*journal)->new_key_id);
    if (!made) return made.error();
    next = *std::move(made);
  }
  const auto old = c.keys.find(c.key.name, (*journal)->old_key_id);
  if (!old) return old.error();
  const auto old_thumbprint = jose::thumbprint(public_key_of_signer(*old ? (*old)->signer : c.key.signer));
  const auto new_thumbprint = jose::thumbprint(public_key_of_signer((*next)->signer));
  if (!old_thumbprint || !new_thumbprint) return fail(condition::bad_input, "the account's keys cannot be hashed");
  rollover_plan plan{c.key.name, (*journal)->old_key_id, *old_thumbprint, *new_thumbprint, {}};
  plan.consequences.push_back("the account stays " + c.record.url +
                              ": CAA records with accounturi, and dns-account-01 and dns-persist-01 records, go on to hold");
  plan.consequences.push_back("web servers that answer http-01 by themselves from the thumbprint " + *old_thumbprint +
                              " need " + *new_thumbprint);
  const auto orders = c.state.pending_orders();
  if (!orders) return orders.error();
  for (const pending_order& order : *orders)
    if (order.directory == c.section.directory)
      plan.consequences.push_back("the order of " + order.name + " under way has to prove its names again");
  return plan;
}

result<void> ca::roll_over() {
  conversation& c = *conversation_;
  if (c.rolled_over) return {};  // one that was cut short, as we opened the account
  auto journal = c.state.find_pending_rollover(c.section.directory);
  if (!journal) return journal.error();
  if (!*journal) return fail(condition::bad_input, "no change of the account's key was prepared");
  const auto next = c.keys.find(c.key.name, (*journal)->new_key_id);
  if (!next) return next.error();
  if (!*next) return fail(condition::bad_input, "the new key is not in the token; prepare the change again");
  if ((*journal)->new_key_id != c.record.key_id) {
    (*journal)->begun = true;
    if (auto put = c.state.put(**journal); !put) return put;
    if (auto changed = c.change_key(**next); !changed) return changed;
  }
  auto finished = c.finish(**journal);
  if (finished) return {};
  return failure{
      finished.error().code,
      "the account has its new key; the old one is still in the token, and goes when it can: " + finished.error().what};
}

}  // namespace sealring::agent

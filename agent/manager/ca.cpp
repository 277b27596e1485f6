#include "agent/manager/ca.hpp"

#include "agent/file.hpp"
#include "agent/key_name.hpp"
#include "agent/manager/acme_failure.hpp"
#include "agent/manager/ca_origins.hpp"
#include "agent/manager/fresh_key.hpp"
#include "agent/manager/solver/journalled_solver.hpp"
#include "agent/text.hpp"

namespace sealring::agent {

namespace {

using acme_client = acme::client<key_signer, traced_http>;

/// A signature that the keeper refused comes through the client as a bare code: the keeper's words say more.
failure from(const keeper_link& keys, const acme::failure& f) { return keys.explain(agent::from(f)); }

jose::hmac_algorithm algorithm_of(mac_algorithm a) {
  switch (a) {
    case mac_algorithm::hs256: return jose::hmac_algorithm::hs256;
    case mac_algorithm::hs384: return jose::hmac_algorithm::hs384;
    case mac_algorithm::hs512: break;
  }
  return jose::hmac_algorithm::hs512;
}

result<std::optional<jose::hmac_key>> external_account(const ca_section& c) {
  if (c.eab_kid.empty() || !c.eab_key_file) return std::optional<jose::hmac_key>{};
  auto text = read_file(*c.eab_key_file, 4096);
  if (!text) return text.error();
  while (!text->empty() && (text->back() == '\n' || text->back() == '\r')) text->pop_back();
  auto secret = base64url_decode<secret_bytes>(*text);
  OPENSSL_cleanse(text->data(), text->size());
  if (!secret) return fail(condition::bad_input, c.eab_key_file->string() + " must hold the CA's MAC key, in base64url");
  return std::optional{
      jose::hmac_key{.kid = c.eab_kid, .secret = *std::move(secret), .algorithm = algorithm_of(c.eab_algorithm)}};
}

result<acme::account> register_account(const config& all, const ca_section& c, const keeper_link& keys, acme_client& client) {
  const acme::directory& directory = client.directory();
  if (!directory.terms_of_service.empty() && !c.agree_tos)
    return fail(condition::operator_needed, "the CA wants its terms of service agreed to: read " + directory.terms_of_service +
                                                " and set agree-tos = true under [ca] in " + all.file.string());
  auto binding = external_account(c);
  if (!binding) return binding.error();
  if (directory.external_account_required && !*binding)
    return fail(condition::operator_needed,
                "the CA binds accounts to its customers: set eab-kid and eab-key-file under [ca] in " + all.file.string() +
                    " to what it gave you");
  auto made = client.register_account(
      {.contact = c.contact, .terms_of_service_agreed = c.agree_tos, .external_account = *binding ? &**binding : nullptr});
  if (!made) return from(keys, made.error());
  return *std::move(made);
}

account to_record(const ca_section& c, const held_key& key, const acme::account& made) {
  return {c.directory, made.url, key.label, key.id, made.status, c.contact};
}

std::vector<identifier> identifiers_of(const std::vector<std::string>& domains) {
  std::vector<identifier> names;
  names.reserve(domains.size());
  for (const std::string& domain : domains) names.push_back(parse_identifier(domain).value());  // checked by config
  return names;
}

bool same_names(std::vector<identifier> a, std::vector<identifier> b) {
  std::ranges::sort(a);
  std::ranges::sort(b);
  return a == b;
}

/// RFC 9773 section 5: alreadyReplaced, or a certificate that the CA does not know, does not let us replace, or stumbles over.
bool is_about_replaces(const acme::problem& p) {
  return p.status == 404 || p.is("alreadyReplaced") || p.is("malformed") || p.is("unauthorized") ||
         (p.status == 500 && p.is("serverInternal"));
}

/// [[certificate]] preferred-chain against the topmost certificate that the CA sent, and the root that it names.
bool ends_in(std::span<const x509::certificate> chain, const std::string& wanted) {
  const x509::certificate& top = chain.back();
  return top.issuer_common_name() == wanted || top.subject_common_name() == wanted || top.spki_sha256() == wanted;
}

}  // namespace

struct ca::conversation {
  const config& settings;
  const ca_section& section;
  const keeper_link& keys;
  store& state;
  acme_client client;
  account record;
  held_key key;
  bool is_new = false;
  bool rolled_over = false;  ///< a change of the key has come to its end

  /// A CA that has forgotten the account (a test CA after a restart) is told of it again.
  result<void> register_again() {
    auto made = register_account(settings, section, keys, client);
    if (!made) return made.error();
    if (auto approved = keys.approve("new-kid", key.name, {made->url}); !approved) return approved.error();
    record = to_record(section, key, *made);
    return state.put(record);
  }

  acme::result<acme::order> ask_for(const acme::order_request& request) {
    auto order = client.new_order(request);
    if (order || !order.error().problem || !order.error().problem->is("accountDoesNotExist")) return order;
    if (auto again = register_again(); !again) return acme::failure{again.error().code, again.error().what};
    return client.new_order(request);
  }

  result<acme::order> new_order(pending_order& journal, const ca::wish& w) {
    acme::order_request request{
        .names = identifiers_of(journal.domains), .profile = journal.profile, .replaces = journal.replaces};
    const auto& profiles = client.directory().profiles;
    if (!profiles.empty() && section.directory != settings.ca.directory && !profiles.contains(journal.profile))
      request.profile.clear();  // the profiles of [ca] are not those of [fallback]
    auto order = ask_for(request);
    if (!order && !request.replaces.empty() && order.error().problem && is_about_replaces(*order.error().problem)) {
      w.progress("ordering again, as a new certificate: " + order.error().what);
      request.replaces.clear();
      journal.replaces.clear();
      if (auto noted = w.note(journal); !noted) return noted.error();
      order = ask_for(request);
    }
    if (!order) return from(keys, order.error());
    return *std::move(order);
  }

  /// An order whose answer was lost, where the CA lists orders (RFC 8555 section 7.1.2.1).
  std::optional<acme::order> find_lost(const pending_order& journal) {
    const auto listed = client.list_orders();
    if (!listed) return std::nullopt;
    constexpr std::size_t most = 50;
    std::size_t looked = 0;
    for (auto url = listed->rbegin(); url != listed->rend() && looked < most; ++url, ++looked) {
      auto order = client.get_order(*url);
      const bool open = order && (order->status == "pending" || order->status == "ready");
      if (open && same_names(order->identifiers, identifiers_of(journal.domains))) return *std::move(order);
    }
    return std::nullopt;
  }

  /// Which other certificate this order is in the journal of: who asks twice for the same names, as for an ECDSA and an RSA
  /// certificate, may get the order that is open (Let's Encrypt). Empty if none.
  result<std::string> other_owner(const pending_order& journal) {
    const auto orders = state.pending_orders();
    if (!orders) return orders.error();
    for (const pending_order& one : *orders)
      if (one.name != journal.name && one.url == journal.url) return one.name;
    return std::string{};
  }

  /// The order of the journal, found again, or a new one.
  result<acme::order> take_up(pending_order& journal, bool resumed, const ca::wish& w) {
    const auto keep = [&](acme::order order) -> result<acme::order> {
      order.identifiers = identifiers_of(journal.domains);
      if (journal.url == order.url) return order;
      journal.url = order.url;
      if (auto noted = w.note(journal); !noted) return noted.error();
      const auto other = other_owner(journal);  // now that it is noted: of two at once, one at least sees the other
      if (!other) return other.error();
      if (other->empty()) return order;
      journal.url.clear();
      if (auto noted = w.note(journal); !noted) return noted.error();
      return fail(condition::retry_later, "the CA gave the order of certificate " + quote(*other) +
                                              " again, for the same names; the turn of " + quote(journal.name) +
                                              " is after it");
    };
    if (!journal.url.empty()) {
      auto order = client.get_order(journal.url);
      if (order && order->status != "invalid") {
        w.progress("going on with order " + journal.url);
        return keep(*std::move(order));
      }
      // A CA that is busy says nothing about the order, which it may even have issued.
      if (!order && (!order.error().problem || order.error().code == condition::retry_later)) return from(keys, order.error());
      journal.url.clear();  // it has come to nothing, or is forgotten
      if (auto noted = w.note(journal); !noted) return noted.error();
    } else if (resumed) {
      if (auto lost = find_lost(journal)) return keep(*std::move(lost));
    }
    w.progress("ordering from " + section.directory);
    auto order = new_order(journal, w);
    if (!order) return order;
    return keep(*std::move(order));
  }

  journalled_solver solver_for(const certificate_entry& entry, const solvers& all, const reporter& progress) {
    return journalled_solver{{settings, entry, record.url, client.directory().caa_identities, state, all, progress}};
  }

  result<void> change_key(const pending_rollover& journal, const held_key& next) {
    if (auto changed = client.change_key(next.signer); !changed) return from(keys, changed.error());
    return take_over(journal, next);
  }

  /// The CA has the new key.
  result<void> take_over(const pending_rollover& journal, const held_key& next) {
    if (auto adopted = keys.adopt(next.name, next.id); !adopted) return adopted;
    record.key_id = next.id;
    record.key_label = next.label;
    if (auto put = state.put(record); !put) return put;
    key = next;
    return finish(journal);
  }

  /// The old key goes. Where it cannot, the account is good all the same, and the next who opens it tries again.
  result<void> finish(const pending_rollover& journal) {
    if (!keys.retire(key.name, journal.old_key_id)) return {};
    rolled_over = true;
    return state.erase_pending_rollover(journal.directory);
  }

  /// As the operator has agreed. Where keeper or CA refuse it, it is a plan again, and the account is used as it is.
  result<void> go_on(pending_rollover journal, const held_key& next) {
    if (auto changed = client.change_key(next.signer); !changed) {
      auto refused = from(keys, changed.error());
      if (refused.code == condition::retry_later) return refused;
      journal.begun = false;
      return state.put(journal);
    }
    return take_over(journal, next);
  }

  /// After a crash the CA alone knows which of the two keys is good (RFC 8555 section 7.3.1).
  result<void> settle(const pending_rollover& journal) {
    if (journal.new_key_id == record.key_id) return finish(journal);
    auto next = keys.find(key.name, journal.new_key_id);
    if (!next) return next.error();
    if (!*next) return state.erase_pending_rollover(journal.directory);  // it was not made
    for (const auto& [candidate, is_new_key] : {std::pair{**next, true}, std::pair{key, false}}) {
      acme_client other{make_http(section, {}), candidate.signer, client.directory()};
      const auto found = other.find_account();
      if (!found && (!found.error().problem || found.error().code == condition::retry_later)) return from(keys, found.error());
      if (!found || found->url != record.url) continue;
      if (!is_new_key) return journal.begun ? go_on(journal, **next) : result<void>{};  // a plan's key waits
      client = std::move(other);
      return take_over(journal, candidate);
    }
    return fail(condition::operator_needed,
                "the CA knows neither key of account " + record.url +
                    ", whose change was cut short; ask the CA, or make a new account with 'sealring init'");
  }
};

ca::ca(std::unique_ptr<conversation> c) noexcept : conversation_{std::move(c)} {}
ca::ca(ca&&) noexcept = default;
ca& ca::operator=(ca&&) noexcept = default;
ca::~ca() = default;

const account& ca::record() const noexcept { return conversation_->record; }
const held_key& ca::key() const noexcept { return conversation_->key; }
bool ca::account_is_new() const noexcept { return conversation_->is_new; }

result<ca_origins> ca::look(const ca_section& c, reporter requests) {
  traced_http http = make_http(c, std::move(requests));
  auto directory = acme::read_directory(http, c.directory);
  if (!directory) return from(directory.error());
  return origins_of(*directory, c);
}

result<void> ca::forget_given_up(const std::string& directory, const keeper_link& keys, store& state) {
  const auto known = state.find_account(directory);
  if (!known) return known.error();
  if (!*known || (*known)->status != "deactivated") return {};
  const auto key = keys.find(account_key_name(directory), (*known)->key_id);
  if (!key) return key.error();
  return *key ? result<void>{} : state.erase_account(directory);
}

result<ca> ca::open(const config& all, const ca_section& c, const keeper_link& keys, store& state, reporter requests,
                    bool settling) {
  auto known = state.find_account(c.directory);
  if (!known) return known.error();
  traced_http http = make_http(c, std::move(requests));
  auto directory = acme::read_directory(http, c.directory);
  if (!directory) return from(keys, directory.error());
  auto origins = origins_of(*directory, c);
  if (!origins) return origins.error();
  if (auto named = check(*origins, c, all.file); !named) return named.error();
  const std::string name = account_key_name(c.directory);

  if (*known) {
    account& record = **known;
    auto signer = keys.signer_of(name);
    if (!signer) return failure{signer.error().code, "the key of account " + record.url + ": " + signer.error().what};
    held_key key{name, record.key_label, record.key_id, kind_of(public_key_of_signer(*signer)), {}, *signer};
    acme_client client{std::move(http), key.signer, *std::move(directory)};
    client.use_account(record.url);
    auto talk = std::make_unique<conversation>(
        conversation{all, c, keys, state, std::move(client), std::move(record), std::move(key), false});
    const auto unfinished = state.find_pending_rollover(c.directory);
    if (!unfinished) return unfinished.error();
    if (*unfinished && settling)
      if (auto settled = talk->settle(**unfinished); !settled) return settled.error();
    return ca{std::move(talk)};
  }

  auto key = fresh_key::make(keys, state, name);
  if (!key) return key.error();
  acme_client client{std::move(http), key->key().signer, *std::move(directory)};
  auto made = register_account(all, c, keys, client);
  if (!made) return made.error();
  account record = to_record(c, key->key(), *made);
  if (auto put = state.put(record); !put) return put.error();
  if (auto adopted = key->adopt(); !adopted) return adopted.error();
  return ca{std::make_unique<conversation>(
      conversation{all, c, keys, state, std::move(client), std::move(record), key->key(), true})};
}

result<std::string> ca::ask_status() {
  auto answer = conversation_->client.find_account();
  if (!answer) return from(conversation_->keys, answer.error());
  return answer->status;
}

result<void> ca::update_contacts() {
  auto& [settings, section, keys, state, client, record, key, is_new, rolled_over] = *conversation_;
  auto updated = client.update_account(section.contact);
  if (!updated) return from(keys, updated.error());
  record.contact = section.contact;
  return state.put(record);
}

result<void> ca::deactivate() {
  auto& [settings, section, keys, state, client, record, key, is_new, rolled_over] = *conversation_;
  if (record.status != "deactivated") {
    auto gone = client.deactivate_account();
    // The answer of an earlier time may have been lost (section 7.3.6: 401 to all that a deactivated account asks).
    const auto is_refused = [](const auto& answer) {
      return !answer && answer.error().problem && answer.error().problem->is("unauthorized");
    };
    if (!gone && !(is_refused(gone) && is_refused(client.find_account()))) return from(keys, gone.error());
    record.status = "deactivated";
    if (auto put = state.put(record); !put) return put;
  }
  // Its keys are good for nothing any more, and with its record here nobody could make another account.
  const auto prepared = state.find_pending_rollover(record.directory);
  if (!prepared) return prepared.error();
  if (*prepared) {
    if (auto retired = keys.retire(key.name, (*prepared)->new_key_id); !retired) return retired;
    if (auto erased = state.erase_pending_rollover(record.directory); !erased) return erased;
  }
  if (auto retired = keys.retire(key.name, record.key_id); !retired) return retired;
  return state.erase_account(record.directory);
}

result<rollover_plan> ca::prepare_rollover() {
  auto& [settings, section, keys, state, client, record, key, is_new, rolled_over] = *conversation_;
  if (client.directory().key_change.empty())
    return fail(condition::unsupported, section.directory + " offers no change of an account's key (RFC 8555 section 7.3.5)");
  auto journal = state.find_pending_rollover(section.directory);
  if (!journal) return journal.error();
  if (!*journal) {
    journal = pending_rollover{section.directory, record.key_id, keeper_link::random_id(), false};
    if (auto put = state.put(**journal); !put) return put.error();
  }
  auto next = keys.find(key.name, (*journal)->new_key_id);
  if (!next) return next.error();
  if (!*next) {
    auto made = keys.generate(key.name, (*journal)->new_key_id);
    if (!made) return made.error();
    next = *std::move(made);
  }
  const auto old = keys.find(key.name, (*journal)->old_key_id);
  if (!old) return old.error();
  const auto old_thumbprint = jose::thumbprint(public_key_of_signer(*old ? (*old)->signer : key.signer));
  const auto new_thumbprint = jose::thumbprint(public_key_of_signer((*next)->signer));
  if (!old_thumbprint || !new_thumbprint) return fail(condition::bad_input, "the account's keys cannot be hashed");
  rollover_plan plan{key.name, (*journal)->old_key_id, *old_thumbprint, *new_thumbprint, {}};
  plan.consequences.push_back("the account stays " + record.url +
                              ": CAA records with accounturi, and dns-account-01 and dns-persist-01 records, go on to hold");
  plan.consequences.push_back("web servers that answer http-01 by themselves from the thumbprint " + *old_thumbprint +
                              " need " + *new_thumbprint);
  const auto orders = state.pending_orders();
  if (!orders) return orders.error();
  for (const pending_order& order : *orders)
    if (order.directory == section.directory)
      plan.consequences.push_back("the order of " + order.name + " under way has to prove its names again");
  return plan;
}

result<void> ca::roll_over() {
  if (conversation_->rolled_over) return {};  // one that was cut short, as we opened the account
  auto journal = conversation_->state.find_pending_rollover(conversation_->section.directory);
  if (!journal) return journal.error();
  if (!*journal) return fail(condition::bad_input, "no change of the account's key was prepared");
  const auto next = conversation_->keys.find(conversation_->key.name, (*journal)->new_key_id);
  if (!next) return next.error();
  if (!*next) return fail(condition::bad_input, "the new key is not in the token; prepare the change again");
  (*journal)->begun = true;
  if (auto put = conversation_->state.put(**journal); !put) return put;
  return conversation_->change_key(**journal, **next);
}

result<std::vector<x509::certificate>> ca::obtain(pending_order& journal, const solvers& all, const wish& w) {
  auto& [settings, section, keys, state, client, record, account_key, is_new, rolled_over] = *conversation_;
  auto solver = conversation_->solver_for(w.entry, all, w.progress);
  if (auto clean = solver.take_back_leftovers(); !clean) return clean.error();
  const bool resumed = journal.begun_at != std::chrono::sys_seconds{};
  if (!resumed) {
    journal.begun_at = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    if (auto noted = w.note(journal); !noted) return noted.error();
  }
  auto order = conversation_->take_up(journal, resumed, w);
  if (!order) return order.error();
  if (order->status == "pending") {
    w.progress("proving control of " + std::to_string(journal.domains.size()) +
               (journal.domains.size() == 1 ? " name by " : " names by ") + std::string{to_string(w.entry.challenge)});
    if (auto authorized = client.authorize(*order, solver); !authorized) return from(keys, authorized.error());
    order->status = "ready";
  }
  auto key = w.make_key();
  if (!key) return key.error();
  bytes csr;
  if (order->status == "ready") {
    auto made = x509::make_csr((*key)->signer, order->identifiers);
    if (!made) return keys.explain(fail(made.error(), "signing the certification request in the token"));
    csr = *std::move(made);
  }
  w.progress("waiting for the certificate");
  auto finished = client.finalize(*order, csr);
  if (!finished) return from(keys, finished.error());
  const auto& preferred = w.entry.preferred_chain;
  auto issued = client.download(*finished, public_key_of_signer((*key)->signer), [&](std::span<const x509::certificate> chain) {
    return preferred.empty() || ends_in(chain, preferred);
  });
  if (!issued) return from(keys, issued.error());
  if (!preferred.empty() && !ends_in(issued->chain, preferred))
    w.progress("the CA has no chain to " + preferred + "; its first one is taken");
  return std::move(issued->chain);
}

result<void> ca::authorize(const certificate_entry& entry, const solvers& all, const reporter& progress) {
  auto& [settings, section, keys, state, client, record, account_key, is_new, rolled_over] = *conversation_;
  auto solver = conversation_->solver_for(entry, all, progress);
  if (auto clean = solver.take_back_leftovers(); !clean) return clean;
  acme::order names;
  for (const identifier& id : identifiers_of(entry.domains)) {
    auto made = client.new_authorization(id);
    if (!made) return from(keys, made.error());
    names.authorizations.push_back(made->url);
  }
  progress("proving control of " + std::to_string(entry.domains.size()) + " name(s) before any order");
  if (auto authorized = client.authorize(names, solver); !authorized) return from(keys, authorized.error());
  return {};
}

result<void> ca::revoke(bytes_view certificate, std::optional<int> reason, const held_key* certificate_key) {
  std::optional<acme::revocation_reason> code;
  if (reason) code = static_cast<acme::revocation_reason>(*reason);
  acme_client& client = conversation_->client;
  auto revoked = certificate_key == nullptr ? client.revoke(certificate, code)
                                            : client.revoke_with(certificate_key->signer, certificate, code);
  if (!revoked) return from(conversation_->keys, revoked.error());
  return {};
}

}  // namespace sealring::agent

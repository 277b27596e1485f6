#include "agent/file.hpp"
#include "agent/manager/ca_conversation.hpp"
#include "agent/manager/ca_origins.hpp"
#include "agent/manager/fresh_key.hpp"
#include "sealring/base64url.hpp"

namespace sealring::agent {

namespace {

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
  if (!made) return keys.explain(from(made.error()));
  return *std::move(made);
}

account to_record(const ca_section& c, const held_key& key, const acme::account& made) {
  return {c.directory, made.url, key.label, key.id, made.status, c.contact};
}

}  // namespace

/// A CA that has forgotten the account (a test CA after a restart) is told of it again.
result<void> ca::conversation::register_again() {
  auto made = register_account(settings, section, keys, client);
  if (!made) return made.error();
  if (auto approved = keys.approve("new-kid", key.name, {made->url}); !approved) return approved.error();
  record = to_record(section, key, *made);
  return state.put(record);
}

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
  if (!directory) return from(directory.error());
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
  if (!answer) return conversation_->from(answer.error());
  return answer->status;
}

result<void> ca::update_contacts() {
  conversation& c = *conversation_;
  auto updated = c.client.update_account(c.section.contact);
  if (!updated) return c.from(updated.error());
  c.record.contact = c.section.contact;
  return c.state.put(c.record);
}

result<void> ca::deactivate() {
  conversation& c = *conversation_;
  if (c.record.status != "deactivated") {
    auto gone = c.client.deactivate_account();
    // The answer of an earlier time may have been lost (section 7.3.6: 401 to all that a deactivated account asks).
    const auto is_refused = [](const auto& answer) {
      return !answer && answer.error().problem && answer.error().problem->is("unauthorized");
    };
    if (!gone && !(is_refused(gone) && is_refused(c.client.find_account()))) return c.from(gone.error());
    c.record.status = "deactivated";
    if (auto put = c.state.put(c.record); !put) return put;
  }
  // Its keys are good for nothing any more, and with its record here nobody could make another account.
  const auto prepared = c.state.find_pending_rollover(c.record.directory);
  if (!prepared) return prepared.error();
  if (*prepared) {
    if (auto retired = c.keys.retire(c.key.name, (*prepared)->new_key_id); !retired) return retired;
    if (auto erased = c.state.erase_pending_rollover(c.record.directory); !erased) return erased;
  }
  if (auto retired = c.keys.retire(c.key.name, c.record.key_id); !retired) return retired;
  return c.state.erase_account(c.record.directory);
}

result<void> ca::revoke(bytes_view certificate, std::optional<int> reason, const held_key* certificate_key) {
  std::optional<acme::revocation_reason> code;
  if (reason) code = static_cast<acme::revocation_reason>(*reason);
  acme_client& client = conversation_->client;
  auto revoked = certificate_key == nullptr ? client.revoke(certificate, code)
                                            : client.revoke_with(certificate_key->signer, certificate, code);
  if (!revoked) return conversation_->from(revoked.error());
  return {};
}

}  // namespace sealring::agent

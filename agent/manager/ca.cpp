#include "agent/manager/ca.hpp"

#include "agent/file.hpp"
#include "agent/key_name.hpp"
#include "agent/manager/foreign_hosts.hpp"
#include "agent/manager/fresh_key.hpp"
#include "agent/manager/traced_http.hpp"
#include "sealring/acme/client.hpp"

namespace sealring::agent {

namespace {

using acme_client = acme::client<key_signer, traced_http>;

/// A signature that the keeper refused comes through the client as a bare code: the keeper's words say more.
failure from(const keeper_link& keys, const acme::failure& f) { return keys.explain({f.code, f.what}); }

traced_http make_http(const config& c, reporter requests) {
  return {http::curl{c.ca.ca_file ? c.ca.ca_file->string() : std::string{}}, std::move(requests)};
}

result<std::optional<jose::hmac_key>> external_account(const config& c) {
  if (c.ca.eab_kid.empty() || !c.ca.eab_key_file) return std::optional<jose::hmac_key>{};
  auto text = read_file(*c.ca.eab_key_file, 4096);
  if (!text) return text.error();
  while (!text->empty() && (text->back() == '\n' || text->back() == '\r')) text->pop_back();
  auto secret = base64url_decode<secret_bytes>(*text);
  OPENSSL_cleanse(text->data(), text->size());
  if (!secret) return fail(condition::bad_input, c.ca.eab_key_file->string() + " must hold the CA's MAC key, in base64url");
  return std::optional{jose::hmac_key{.kid = c.ca.eab_kid, .secret = *std::move(secret)}};
}

result<acme::account> register_account(const config& c, const keeper_link& keys, acme_client& client) {
  const acme::directory& directory = client.directory();
  if (!directory.terms_of_service.empty() && !c.ca.agree_tos)
    return fail(condition::operator_needed, "the CA wants its terms of service agreed to: read " + directory.terms_of_service +
                                                " and set agree-tos = true under [ca] in " + c.file.string());
  auto binding = external_account(c);
  if (!binding) return binding.error();
  if (directory.external_account_required && !*binding)
    return fail(condition::operator_needed,
                "the CA binds accounts to its customers: set eab-kid and eab-key-file under [ca] in " + c.file.string() +
                    " to what it gave you");
  auto made = client.register_account({.contact = c.ca.contact,
                                       .terms_of_service_agreed = c.ca.agree_tos,
                                       .external_account = *binding ? &**binding : nullptr});
  if (!made) return from(keys, made.error());
  return *std::move(made);
}

account to_record(const config& c, const held_key& key, const acme::account& made) {
  return {c.ca.directory, made.url, key.label, key.id, made.status, c.ca.contact};
}

}  // namespace

struct ca::conversation {
  const config& settings;
  const keeper_link& keys;
  store& state;
  acme_client client;
  account record;
  held_key key;
  bool is_new = false;

  /// A new order. A CA that has forgotten the account (a test CA after a restart) is told of it again.
  result<acme::order> new_order(std::span<const identifier> names) {
    auto order = client.new_order(names);
    if (!order && order.error().problem && order.error().problem->is("accountDoesNotExist")) {
      auto made = register_account(settings, keys, client);
      if (!made) return made.error();
      if (auto approved = keys.approve("new-kid", key.name, {made->url}); !approved) return approved.error();
      record = to_record(settings, key, *made);
      if (auto put = state.put(record); !put) return put.error();
      order = client.new_order(names);
    }
    if (!order) return from(keys, order.error());
    return *std::move(order);
  }
};

ca::ca(std::unique_ptr<conversation> c) noexcept : conversation_{std::move(c)} {}
ca::ca(ca&&) noexcept = default;
ca& ca::operator=(ca&&) noexcept = default;
ca::~ca() = default;

const account& ca::record() const noexcept { return conversation_->record; }
const held_key& ca::key() const noexcept { return conversation_->key; }
bool ca::account_is_new() const noexcept { return conversation_->is_new; }

result<ca> ca::open(const config& c, const keeper_link& keys, store& state, reporter requests) {
  auto known = state.find_account(c.ca.directory);
  if (!known) return known.error();
  traced_http http = make_http(c, std::move(requests));
  auto directory = acme::read_directory(http, c.ca.directory);
  if (!directory) return from(keys, directory.error());
  if (auto allowed = check_hosts(c, *directory); !allowed) return allowed.error();
  const std::string name = account_key_name(c.ca.directory);

  if (*known) {
    account& record = **known;
    auto signer = keys.signer_of(name);
    if (!signer) return failure{signer.error().code, "the key of account " + record.url + ": " + signer.error().what};
    held_key key{name, record.key_label, record.key_id, kind_of(public_key_of_signer(*signer)), {}, *signer};
    acme_client client{std::move(http), key.signer, *std::move(directory)};
    client.use_account(record.url);
    return ca{std::make_unique<conversation>(
        conversation{c, keys, state, std::move(client), std::move(record), std::move(key), false})};
  }

  auto key = fresh_key::make(keys, state, name);
  if (!key) return key.error();
  acme_client client{std::move(http), key->key().signer, *std::move(directory)};
  auto made = register_account(c, keys, client);
  if (!made) return made.error();
  account record = to_record(c, key->key(), *made);
  if (auto put = state.put(record); !put) return put.error();
  if (auto adopted = key->adopt(); !adopted) return adopted.error();
  return ca{
      std::make_unique<conversation>(conversation{c, keys, state, std::move(client), std::move(record), key->key(), true})};
}

result<std::string> ca::ask_status() {
  auto answer = conversation_->client.find_account();
  if (!answer) return from(conversation_->keys, answer.error());
  return answer->status;
}

result<std::vector<x509::certificate>> ca::obtain(std::span<const identifier> names, http01_solver& solver,
                                                  const std::function<result<const held_key*>()>& make_key,
                                                  const reporter& progress) {
  acme_client& client = conversation_->client;
  progress("ordering from " + conversation_->settings.ca.directory);
  auto order = conversation_->new_order(names);
  if (!order) return order.error();
  progress("proving control of " + std::to_string(names.size()) + (names.size() == 1 ? " name" : " names") + " by http-01");
  if (auto authorized = client.authorize(*order, solver); !authorized) return from(conversation_->keys, authorized.error());
  auto key = make_key();
  if (!key) return key.error();
  auto csr = x509::make_csr((*key)->signer, names);
  if (!csr) return conversation_->keys.explain(fail(csr.error(), "signing the certification request in the token"));
  progress("waiting for the certificate");
  auto finished = client.finalize(*order, *csr);
  if (!finished) return from(conversation_->keys, finished.error());
  auto issued = client.download(*finished, public_key_of_signer((*key)->signer));
  if (!issued) return from(conversation_->keys, issued.error());
  return std::move(issued->chain);
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

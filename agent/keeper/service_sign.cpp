// The requests that use a key: describe and sign.

#include "agent/keeper/service_call.hpp"

#include <algorithm>

namespace sealring::agent {

namespace {

policy::peer to_policy(const caller& from, bool may_manage) {
  return {from.process.uid, from.process.gid, from.groups, may_manage ? policy::channel::manager : policy::channel::peer};
}

}  // namespace

service::answer service::describe(call& c) {
  const auto& named = c.known->named(c.request.key);
  // Root reads a server's files before the server becomes somebody else; to describe is not to sign.
  const bool may_know =
      c.from.process.uid == 0 || (!named.empty() && policy::authorised(to_policy(c.from, c.may_manage), named.front().rules));
  if (named.empty() || !may_know)
    return c.deny(policy::name(policy::rule::unauthorised), std::string{policy::unauthorised_text});
  const ruled_key& key = named.front();
  c.record.purpose = to_string(key.rules.use);
  c.record.spki = to_hex(key.known->spki_sha256);
  auto body = wire::encode(wire::describe_reply{std::string{to_string(key.rules.use)}, kind_of(key.known->key.public_key()),
                                                key.known->key.spki(), key.known->key.algorithms()});
  if (!body) return c.fail(wire::status::failed, body.error().message());
  c.allow("describe");
  return {wire::status::ok, *std::move(body), {}};
}

service::answer service::sign(call& c) {
  const auto asked = body_of<wire::operation::sign_message>(c.request);
  if (!asked) return c.fail(wire::status::bad_request, "the request cannot be read: " + asked.error().message());
  const auto& named = c.known->named(c.request.key);
  const policy::peer from = to_policy(c.from, c.may_manage);
  if (named.empty() || !policy::authorised(from, named.front().rules))
    return c.deny(policy::name(policy::rule::unauthorised), std::string{policy::unauthorised_text});
  c.record.purpose = to_string(named.front().rules.use);
  if (const unsigned rate = named.front().rate;
      rate != 0 && !limiter_.take(c.request.key, from.uid, rate, std::chrono::steady_clock::now())) {
    auto denied = c.deny("rate", "no more than " + std::to_string(rate) + " signatures a second of " + quote(c.request.key));
    denied.status = wire::status::unavailable;  // a moment later it may have one
    return denied;
  }
  c.record.spki = to_hex(asked->spki_sha256);
  const auto key = std::ranges::find(named, asked->spki_sha256, [](const ruled_key& k) { return k.known->spki_sha256; });
  if (key == named.end()) {
    c.record.rule = "key-changed";
    return c.fail(wire::status::key_changed,
                  "the name " + quote(c.request.key) + " means another key now: load its files again");
  }

  using type = policy::request::type;
  const type kind = c.request.what == wire::operation::sign_digest ? type::sign_digest : type::sign_message;
  const policy::world world{c.known->accounts, [&c](bytes_view spki) { return c.known->tls_key(spki); }, c.known->approvals,
                            wall_clock::now()};
  const policy::verdict verdict = policy::judge({kind, key->rules, asked->algorithm, asked->payload, from}, world);
  c.record.what = verdict.what;
  if (!verdict.allowed) return c.deny(policy::name(verdict.decided_by), verdict.why);
  c.allow(policy::name(verdict.decided_by));
  for (const std::uint64_t number : verdict.approvals) c.record.what += ", approval " + std::to_string(number);

  const bool sampled = plan_.settings->hsm.verify == verify_tls::sampled && policy::is_handshake(verdict.decided_by);
  auto signature = sign_in_token(c, *key, sampled ? checking::sampled : checking::always, *asked);
  if (!signature) {
    std::string text = "key " + quote(c.request.key) + ": " + signature.error().message();
    const bool passing = is_outage(signature.error()) || signature.error() == condition::retry_later;
    return c.fail(passing ? wire::status::unavailable : wire::status::failed, std::move(text));
  }
  if (auto kept = remember(verdict, key->rules.directory, *c.known); !kept) return c.fail(kept.error());
  auto body = wire::encode(wire::sign_reply{*std::move(signature)});
  if (!body) return c.fail(wire::status::failed, body.error().message());
  return {wire::status::ok, *std::move(body), {}};
}

/// Through the latch: while the token is down, an immediate answer.
sealring::result<bytes> service::sign_in_token(const call& c, const ruled_key& ruled, checking how,
                                               const wire::sign_request& asked) {
  if (!latch_.may_try(hsm_latch::clock::now())) return sealring::fail(hsm::errc::device_error);
  const token_key& key = ruled.known->key;
  auto signature = [&] {
    const agent::statistics::call counted{statistics_, ruled.rules.use, c.read_at};
    return c.request.what == wire::operation::sign_digest ? key.sign_digest(asked.algorithm, asked.payload)
                                                          : key.sign(asked.algorithm, asked.payload, how);
  }();
  if (signature && plan_.settings->hsm.arm_sessions) {
    const std::lock_guard lock{spare_};
    used_last_ = {ruled.known, asked.algorithm};
  }
  if (!signature && is_outage(signature.error())) note_outage(signature.error());
  else if (signature && latch_.worked()) tell_outage({});
  return signature;
}

void service::get_ready() {
  std::unique_lock lock{spare_};
  const auto used = std::exchange(used_last_, std::nullopt);
  lock.unlock();
  if (used) used->known->key.arm(used->algorithm);
}

void service::tell_outage(std::string_view why) {
  statistics_.token_changed(why, wall_clock::now());
  plan_.outage(why);
}

/// Is it the token, or this key alone? One that the token cannot use must not cost the others their answers.
void service::note_outage(std::error_code why) {
  if (try_token()) {
    if (latch_.worked()) tell_outage({});
    return;
  }
  if (latch_.failed(hsm_latch::clock::now())) tell_outage(outage_text(why));
  if (needs_new_process(why)) latch_.wear_out();
}

/// What the signature changes is on disk before it is released.
result<void> service::remember(const policy::verdict& verdict, const std::string& directory, const rules& judged_by) {
  if (!verdict.pin_kid && !verdict.new_account_signed) return {};
  const std::lock_guard one_at_a_time{change_};
  kept_account account = book_.account_of(directory);
  const kept_account before = account;
  if (verdict.new_account_signed) account.requested = true;
  if (verdict.pin_kid) {
    account.kid = *verdict.pin_kid;
    account.requested = false;
  }
  if (account == before) return {};
  const auto judged = std::ranges::find(judged_by.accounts, directory, &policy::account_rules::directory);
  if (judged != judged_by.accounts.end() && judged->kid.value_or("") != before.kid && account.kid != before.kid)
    return fail(condition::retry_later, "the account was given another URL meanwhile: " + quote(before.kid));
  if (auto kept = book_.remember(account); !kept) return kept;
  return renew_rules();
}

}  // namespace sealring::agent

// The manager's requests: keys made, taken into use, retired and listed; and the operators' approvals.

#include "agent/keeper/service_call.hpp"

#include "agent/duration.hpp"
#include "agent/key_name.hpp"
#include "agent/wire/text.hpp"
#include "sealring/jose/jwk.hpp"

#include <algorithm>

namespace sealring::agent {

namespace {

wire::key_state to_wire(key_state state) {
  switch (state) {
    case key_state::current: return wire::key_state::current;
    case key_state::superseded: return wire::key_state::superseded;
    default: return wire::key_state::fresh;
  }
}

/// `known` only where the keeper can sign with it.
wire::key_facts facts_of(const described_key& key, const kept_key* kept, const known_key* known, const config& c) {
  wire::key_facts facts{.name = kept != nullptr ? kept->name : std::string{},
                        .label = wire::to_text(key.label, 255),
                        .id = key.id,
                        .purpose = {},
                        .type = key.type,
                        .uri = key.uri,
                        .spki = known != nullptr ? known->key.spki() : bytes{},
                        .state = kept != nullptr ? to_wire(kept->state) : wire::key_state::unknown,
                        .custody = {key.custody.sensitive, key.custody.always_sensitive, key.custody.extractable,
                                    key.custody.never_extractable, key.custody.local}};
  if (kept == nullptr) return facts;
  if (kept->name == audit_key_name) facts.purpose = "audit";
  if (const auto plan = plan_for(c, kept->name)) facts.purpose = to_string(plan->use);
  return facts;
}

std::vector<std::string> directories_of(const config& c) {
  std::vector<std::string> out{c.ca.directory};
  if (c.fallback) out.push_back(c.fallback->directory);
  return out;
}

}  // namespace

service::answer service::list(call& c) {
  const auto asked = body_of<wire::operation::list>(c.request);
  if (!asked) return c.fail(wire::status::bad_request, asked.error().message());
  const auto found = keys_.list();
  if (!found) return c.fail(found.error());
  std::vector<wire::key_facts> all;
  {
    const std::lock_guard one_at_a_time{change_};
    for (const described_key& key : *found) {
      const auto known = known_.find(key.id);
      all.push_back(
          facts_of(key, book_.find(key.id), known != known_.end() ? known->second.get() : nullptr, *c.known->settings));
    }
  }
  std::ranges::sort(all, {}, &wire::key_facts::label);  // a token promises no order, and pages must not overlap
  auto body = wire::encode(wire::page(all, asked->offset));
  if (!body) return c.fail(wire::status::failed, body.error().message());
  c.allow("list");
  return {wire::status::ok, *std::move(body), {}};
}

/// Not too many live keys a name.
result<void> service::check_room(std::string_view name, const rules& known) const {
  std::size_t live = 0;
  auto first_free = std::chrono::sys_seconds::max();
  for (const kept_key& key : book_.keys()) {
    if (key.name != name) continue;
    ++live;
    if (key.state == key_state::superseded) first_free = std::min(first_free, key.since + known.settings->agent.drain);
  }
  if (live < known.settings->agent.max_keys) return {};
  return fail(condition::denied,
              std::string{name} + " has " + std::to_string(live) + " live keys, as many as [agent] max-keys allows" +
                  (first_free != std::chrono::sys_seconds::max()
                       ? "; the oldest may be retired " + duration_text(known.settings->agent.drain) + " after it was replaced"
                       : std::string{}));
}

service::answer service::generate(call& c) {
  const auto asked = body_of<wire::operation::generate>(c.request);
  if (!asked) return c.fail(wire::status::bad_request, asked.error().message());
  const std::string name{c.request.key};
  const auto plan = plan_for(*c.known->settings, name);
  if (!plan)
    return c.deny("generate.name", "the operator's files have no certificate or key " + quote(name) + ": add it to " +
                                       c.known->settings->file.string() + " or conf.d");
  c.record.purpose = to_string(plan->use);
  const std::string id = to_hex(asked->id);
  const std::string label = plan->label_prefix + '-' + id.substr(0, 8);
  c.record.what = "a new " + std::string{to_string(plan->type)} + " key " + label;

  const std::lock_guard one_at_a_time{change_};
  if (book_.find(id) != nullptr) return c.deny("generate.id", "the id " + id + " is taken");
  if (auto room = check_room(name, *c.known); !room) return c.deny("generate.room", room.error().what);
  if (auto begun = book_.begin({name, label, id, {}, wall_clock::now()}); !begun) return c.fail(begun.error());
  auto key = keys_.generate(plan->type, label, id);
  if (!key) {  // the HSM layer has destroyed what it made; where it could not, the book keeps the entry for the next start
    if (keys_.destroy(id)) static_cast<void>(book_.forget(id));
    return c.fail(key.error());
  }
  const auto hashed = hash<sha256>(key->spki());
  if (!hashed) return c.fail(wire::status::failed, hashed.error().message());
  auto known = std::make_shared<known_key>(known_key{*std::move(key), {}});
  std::ranges::copy(hashed->view(), known->spki_sha256.begin());
  c.record.spki = to_hex(known->spki_sha256);
  if (auto made = book_.made(id, wall_clock::now()); !made) return c.fail(made.error());
  known_[id] = known;
  if (auto renewed = renew_rules(); !renewed) return c.fail(renewed.error());
  auto body = wire::encode(facts_of(known->key.describe(), book_.find(id), known.get(), *c.known->settings));
  if (!body) return c.fail(wire::status::failed, body.error().message());
  c.allow("generate");
  return {wire::status::ok, *std::move(body), {}};
}

/// An account changes its key (RFC 8555 section 7.3.5) as an operator has approved it, and not otherwise.
bool service::may_take_over(const kept_key& next, const rules& known) const {
  if (!is_account_key_name(next.name)) return true;
  const auto& all = book_.keys();
  const auto held = std::ranges::find_if(
      all, [&](const kept_key& k) { return k.name == next.name && k.state == key_state::current && k.id != next.id; });
  if (held == all.end()) return true;
  const auto thumbprint = [this](const std::string& id) {
    const auto found = known_.find(id);
    auto text = found != known_.end() ? jose::thumbprint(found->second->key.public_key()) : sealring::result<std::string>{};
    return text ? *std::move(text) : std::string{};
  };
  const std::vector parameters{thumbprint(held->id), thumbprint(next.id)};
  return std::ranges::any_of(known.approvals, [&](const policy::approval& a) {
    return a.operation == "key-change" && a.key == next.name && a.parameters == parameters && a.expires > wall_clock::now();
  });
}

service::answer service::adopt(call& c) {
  const auto asked = body_of<wire::operation::adopt>(c.request);
  if (!asked) return c.fail(wire::status::bad_request, asked.error().message());
  const std::string id = to_hex(asked->id);
  const std::lock_guard one_at_a_time{change_};
  const kept_key* key = book_.find(id);
  if (key == nullptr || key->name != c.request.key || key->state == key_state::superseded)
    return c.deny("adopt.key", "there is no such new key of " + quote(c.request.key));
  c.record.what = key->label;
  if (!may_take_over(*key, *c.known))
    return c.deny("adopt.account", "the account has a key: for another it needs an operator's approval \"key-change\"");
  if (auto adopted = book_.adopt(id, wall_clock::now()); !adopted) return c.fail(adopted.error());
  if (auto renewed = renew_rules(); !renewed) return c.fail(renewed.error());
  c.allow("adopt");
  return {};
}

service::answer service::retire(call& c) {
  const auto asked = body_of<wire::operation::retire>(c.request);
  if (!asked) return c.fail(wire::status::bad_request, asked.error().message());
  const std::string id = to_hex(asked->id);
  const std::lock_guard one_at_a_time{change_};
  const kept_key* key = book_.find(id);
  if (key == nullptr) {  // gone already, or never made: what was asked for is so
    c.allow("retire");
    return {};
  }
  if (key->name != c.request.key || key->name == audit_key_name)
    return c.deny("retire.key", "the keeper made no such key of " + quote(c.request.key));
  c.record.what = key->label;
  const auto drain = c.known->settings->agent.drain;
  const bool approved = std::ranges::any_of(c.known->approvals, [&](const policy::approval& a) {
    return a.operation == "retire" && a.key == key->name && a.parameters == std::vector{id} && a.expires > wall_clock::now();
  });
  if (key->state == key_state::current && !approved)
    return c.deny("retire.current", key->label + " is in use: that needs an operator's approval");
  if (is_account_key_name(key->name) && key->state != key_state::fresh && !approved)
    return c.deny("retire.account", key->label + " has held an account: that needs an operator's approval");
  if (key->state == key_state::superseded && !approved && wall_clock::now() < key->since + drain)
    return c.deny("retire.drain",
                  key->label + " was replaced less than " + duration_text(drain) + " ago: servers may still want it");
  const bool ends_account = is_account_key_name(key->name) && key->state == key_state::current;
  if (auto gone = keys_.destroy(id); !gone) return c.fail(gone.error());
  // With the key in use, an account is given up: the next key has an account of its own.
  if (ends_account)
    for (const std::string& directory : directories_of(*c.known->settings))
      if (account_key_name(directory) == key->name)
        if (auto unpinned = book_.remember({directory, false, {}}); !unpinned) return c.fail(unpinned.error());
  if (auto forgotten = book_.forget(id); !forgotten) return c.fail(forgotten.error());
  known_.erase(id);
  if (auto renewed = renew_rules(); !renewed) return c.fail(renewed.error());
  c.allow("retire");
  return {};
}

service::answer service::approve(call& c) {
  const auto asked = body_of<wire::operation::approve>(c.request);
  if (!asked) return c.fail(wire::status::bad_request, asked.error().message());
  constexpr std::uint64_t latest = std::uint64_t{1} << 40;  // far away, and far from any overflow
  const std::chrono::sys_seconds expires{std::chrono::seconds{static_cast<std::int64_t>(std::min(asked->expires, latest))}};
  c.record.key = asked->key;
  c.record.what = asked->operation;
  for (const std::string& parameter : asked->parameters) (c.record.what += ' ') += parameter;
  if (expires <= wall_clock::now() || expires > wall_clock::now() + std::chrono::hours{24})
    return c.deny("approve.expires", "an approval lasts until some time within the next day");
  const std::lock_guard one_at_a_time{change_};
  auto number = book_.approve({0, asked->operation, asked->key, asked->parameters, expires}, wall_clock::now());
  if (!number) return c.fail(number.error());
  if (auto renewed = renew_rules(); !renewed) return c.fail(renewed.error());
  auto body = wire::encode(wire::approval{*number});
  if (!body) return c.fail(wire::status::failed, body.error().message());
  c.allow("approve");
  return {wire::status::ok, *std::move(body), {}};
}

service::answer service::finish(call& c) {
  const auto asked = body_of<wire::operation::finish>(c.request);
  if (!asked) return c.fail(wire::status::bad_request, asked.error().message());
  c.record.what = "approval " + std::to_string(asked->number);
  const std::lock_guard one_at_a_time{change_};
  if (auto done = book_.finish(asked->number); !done) return c.fail(done.error());
  if (auto renewed = renew_rules(); !renewed) return c.fail(renewed.error());
  c.allow("finish");
  return {};
}

}  // namespace sealring::agent

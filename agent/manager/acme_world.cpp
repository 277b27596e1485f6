#include "agent/manager/acme_world.hpp"

#include "agent/manager/deploy/deploy.hpp"
#include "agent/manager/live.hpp"
#include "agent/manager/live_leaf.hpp"
#include "agent/text.hpp"
#include "agent/wall_clock.hpp"

#include <openssl/rand.h>

namespace sealring::agent {

result<void> acme_world::take(const std::shared_ptr<const config>& c) {
  const auto hook = [this](const std::string& name, bool present, const std::string& record,
                           const std::string& value) -> result<void> {
    const auto now = current();
    const certificate_entry* entry = now->settings->find_certificate(name);
    if (entry == nullptr) return fail(condition::bad_input, "the operator's files have no certificate " + quote(name));
    return around_.operators->hook(*entry, present ? hook_action::present : hook_action::clean_up, record, value);
  };
  auto all = solvers::make(*c, hook, around_.ask_person, around_.log);
  if (!all) return all.error();
  auto next = std::make_shared<const setting>(setting{c, *std::move(all), watcher::make(c)});
  if (!next->watch) log(next->watch.error().what);
  const std::lock_guard lock{mutex_};
  setting_ = std::move(next);
  return {};
}

std::shared_ptr<const acme_world::setting> acme_world::current() const {
  const std::lock_guard lock{mutex_};
  return setting_;
}

std::shared_ptr<const config> acme_world::settings() const { return current()->settings; }

std::chrono::sys_seconds acme_world::now() { return wall_clock::now(); }

double acme_world::chance() {
  std::uint32_t bits = 0;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&bits), sizeof bits) != 1) std::abort();
  return bits / 4294967296.0;
}

result<renewal_suggestion> acme_world::ask(const certificate& held) {
  const auto c = settings();
  return reader_.ask(ca_of(*c, held.directory), certificate_id_of(*c, held));
}

// Several threads may want the first certificate of a CA at once, and it shall have one account.
result<void> acme_world::have_account(const config& c, const ca_section& ca_at, const keeper_link& keys, store& state,
                                      const reporter& requests) {
  if (auto forgotten = ca::forget_given_up(ca_at.directory, keys, state); !forgotten) return forgotten;
  const auto known = state.find_account(ca_at.directory);
  if (!known) return known.error();
  if (*known) return {};
  const std::lock_guard lock{making_account_};
  auto made = ca::open(c, ca_at, keys, state, requests);
  return made ? result<void>{} : result<void>{made.error()};
}

result<certificate> acme_world::issue(store& state, const issuance& wanted) {
  const auto now = current();
  const auto keys = keeper();
  if (!keys) return keys.error();
  if (auto ready = have_account(*now->settings, wanted.ca, **keys, state, wanted.requests); !ready) return ready.error();
  issuer work{*now->settings, **keys, state, now->all_solvers, wanted.progress, wanted.requests};
  return work.issue(wanted);
}

bool acme_world::is_live(const certificate& held) { return agent::is_live(*settings(), held); }

result<void> acme_world::deploy(const certificate_entry& entry, const certificate& held) {
  const auto c = settings();
  if (!is_live(held))  // it was rolled back
    if (auto shown = show_again(c->state.live, held.name, held.serial); !shown) return shown;
  const auto leaf = live_leaf(*c, held);
  if (!leaf) return leaf.error();
  return agent::deploy(*c, entry, *leaf, [&] { return around_.operators->deploy(entry); });
}

findings acme_world::check(const certificate& held) {
  const auto now = current();
  return now->watch ? now->watch->check(held) : findings{.trouble = now->watch.error().what};
}

void acme_world::retire(store& state, const certificate& held) {
  if (const auto keys = keeper(); keys && is_live(held)) retire_superseded(**keys, state, held);
}

result<void> acme_world::authorize(store& state, const certificate_entry& entry, const reporter& progress) {
  const auto now = current();
  const auto keys = keeper();
  if (!keys) return keys.error();
  if (auto ready = have_account(*now->settings, now->settings->ca, **keys, state, {}); !ready) return ready;
  auto authority = ca::open(*now->settings, now->settings->ca, **keys, state, {});
  if (!authority) return authority.error();
  return authority->authorize(entry, now->all_solvers, progress);
}

}  // namespace sealring::agent

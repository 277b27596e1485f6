#include "agent/manager/renewal.hpp"

#include "agent/manager/budget.hpp"
#include "agent/manager/ca_failure.hpp"
#include "agent/text.hpp"
#include "agent/time_text.hpp"

#include <algorithm>

namespace sealring::agent {

namespace {

using namespace std::chrono_literals;
using std::chrono::seconds;
using std::chrono::sys_seconds;

constexpr sys_seconds never = sys_seconds::max();

bool is_due(const upkeep::instant& when, sys_seconds now) { return when && *when <= now; }

seconds left_of(const std::optional<certificate>& held, sys_seconds now) { return held ? held->not_after - now : 0s; }

bool is_revoked(const std::optional<certificate>& held) { return held && held->status == certificate_status::revoked; }

/// Over so long those spread that wait for the same limit.
constexpr seconds most_spread = 5min;

/// Whether the order says which certificate it is to replace (RFC 9773 section 5).
bool replaces(const kept_certificate& c, const ca_section& ca) {
  return c.held && c.state.serial == c.held->serial && c.held->directory == ca.directory && c.state.window_start &&
         std::ranges::any_of(c.entry->domains, [&](const std::string& name) {
           return std::ranges::find(c.held->domains, name) != c.held->domains.end();
         });
}

}  // namespace

result<void> renewal::load(const std::shared_ptr<const config>& c, store& state, seconds patience) {
  const auto held = state.certificates();
  if (!held) return held.error();
  const auto upkeeps = state.upkeeps();
  if (!upkeeps) return upkeeps.error();
  const auto orders = state.pending_orders();
  if (!orders) return orders.error();
  const auto by_name = [](const auto& list) {
    std::map<std::string_view, const typename std::decay_t<decltype(list)>::value_type*> out;
    for (const auto& one : list) out.emplace(one.name, &one);
    return out;
  };
  const auto record = [](const auto& records, const std::string& name) {
    const auto found = records.find(name);
    return found == records.end() ? nullptr : found->second;
  };
  const auto held_by = by_name(*held);
  const auto upkeep_by = by_name(*upkeeps);
  const auto order_by = by_name(*orders);

  // Whether files are live takes its time to see: not under the lock.
  std::unique_lock lock{mutex_};
  config_ = c;
  auto next = items_;
  lock.unlock();
  const auto entry_by = by_name(c->certificates);
  std::erase_if(next, [&](const auto& one) { return !entry_by.contains(one.first); });
  for (const certificate_entry& entry : c->certificates) {
    const bool is_new = !next.contains(entry.name);
    item& it = next[entry.name];
    it.entry = {c, &entry};
    if (it.busy) continue;
    it.state.name = entry.name;
    if (const auto* known = record(held_by, entry.name)) it.held = *known;
    if (const auto* known = record(upkeep_by, entry.name)) it.state = *known;
    it.unfinished = record(order_by, entry.name) != nullptr;
    if (!is_new) it.state.try_at.reset();
    it.wake = std::max(wake_of(*c, it, world_.now()), world_.now() + (is_new ? patience : 0s));
  }
  lock.lock();
  queue_.clear();
  for (auto& [name, it] : next) {
    const auto now = items_.find(name);
    if (now != items_.end() && (now->second.busy || now->second.turn != it.turn)) {  // known better by now, or soon
      it = now->second;
      it.entry = {c, entry_by.at(name)};
    }
  }
  items_ = std::move(next);
  for (auto& [name, it] : items_)
    if (!it.busy) enqueue(it);
  free_.notify_all();
  return {};
}

void renewal::enqueue(item& it) { queue_.emplace(it.wake, it.entry->name); }

std::shared_ptr<const config> renewal::settings() const {
  const std::lock_guard lock{mutex_};
  return config_;
}

std::optional<std::string> renewal::take() {
  const std::lock_guard lock{mutex_};
  mind_the_clock();
  if (queue_.empty() || queue_.begin()->first > world_.now()) return std::nullopt;
  std::string name = queue_.extract(queue_.begin()).value().second;
  items_.find(name)->second.busy = true;
  return name;
}

sys_seconds renewal::next() {
  const std::lock_guard lock{mutex_};
  mind_the_clock();
  return queue_.empty() ? never : queue_.begin()->first;
}

// What was planned by a clock that was ahead may lie years from now.
void renewal::mind_the_clock() {
  const auto now = world_.now();
  const auto before = std::exchange(latest_, now);
  if (before - now <= 2min) return;
  world_.log("the clock went back, from " + to_text(before) + ": all certificates are looked at");
  queue_.clear();
  for (auto& [name, it] : items_) {
    if (it.busy) continue;
    it.state.try_at.reset();
    if (it.state.ask_at) it.state.ask_at = std::min(*it.state.ask_at, now + 24h);
    if (it.state.checked_at > now) it.state.checked_at.reset();
    it.wake = now;
    enqueue(it);
  }
}

std::optional<kept_certificate> renewal::find(const std::string& name) const {
  const std::lock_guard lock{mutex_};
  const auto found = items_.find(name);
  return found == items_.end() ? std::nullopt : std::optional<kept_certificate>{found->second};
}

std::vector<kept_certificate> renewal::all() const {
  const std::lock_guard lock{mutex_};
  std::vector<kept_certificate> out;
  out.reserve(items_.size());
  for (const auto& [name, it] : items_) out.push_back(it);
  return out;
}

std::map<std::pair<std::string, std::string>, std::uint64_t> renewal::orders() const {
  const std::lock_guard lock{mutex_};
  return orders_;
}

renewal::item renewal::wait_for(std::unique_lock<std::mutex>& lock, const std::string& name) {
  free_.wait(lock, [&] {
    const auto found = items_.find(name);
    return found == items_.end() || !found->second.busy;
  });
  const auto found = items_.find(name);
  if (found == items_.end()) return {};
  found->second.busy = true;
  queue_.erase({found->second.wake, name});
  return found->second;
}

void renewal::give_back(store& state, item it) {
  it.wake = wake_of(*settings(), it, world_.now());
  ++it.turn;
  it.busy = false;
  std::unique_lock lock{mutex_};
  const auto found = items_.find(it.entry->name);
  if (found == items_.end()) return free_.notify_all();  // not configured any more
  item& known = found->second;
  if (*known.entry != *it.entry) it.wake = world_.now();
  it.entry = known.entry;  // of the configuration as it is now, also where it says the same
  const bool changed = it.state != known.state;
  known = std::move(it);
  enqueue(known);
  const upkeep record = known.state;
  lock.unlock();
  free_.notify_all();
  if (changed)
    if (auto put = state.put(record); !put) world_.log(put.error().what);
}

void renewal::look_after(store& state, const std::string& name) {
  item it;
  {
    const std::lock_guard lock{mutex_};
    const auto found = items_.find(name);
    if (found == items_.end()) return;  // not configured any more
    it = found->second;
  }
  look_after(state, it);
  give_back(state, std::move(it));
}

void renewal::look_after(store& state, item& it) {
  if (is_revoked(it.held) && !it.unfinished) return tell_revoked(it);
  const auto now = world_.now();
  if (it.held && it.state.serial != it.held->serial) begin(it.state, *it.held, now, world_.chance());
  const bool may_try = !it.state.try_at || *it.state.try_at <= now;
  if (serves(*settings(), it) && !it.unfinished) {
    if (is_due(it.state.ask_at, now) && now < it.held->not_after) ask(state, it);
    if (!it.state.deployed_at && may_try) deploy(it);
    if (!it.state.checked_at || *it.state.checked_at + settings()->watch.interval <= now) watch(it);
    if (is_due(it.state.retire_at, now) && it.state.deployed_at) {
      world_.retire(state, *it.held);
      it.state.retire_at.reset();
    }
  }
  if (may_try && needs_issue(*settings(), it, world_.now())) static_cast<void>(attempt(state, it, {}));
}

bool renewal::serves(const config& c, const item& it) const {
  if (!it.held || it.held->status != certificate_status::issued) return false;
  const bool known_ca =
      it.held->directory == c.ca.directory || (it.entry->fallback && c.fallback && it.held->directory == c.fallback->directory);
  // One that could not be deployed has made room for the one before it.
  return known_ca && std::ranges::is_permutation(it.held->domains, it.entry->domains) &&
         it.held->key_type == to_string(it.entry->key) && (!it.state.deployed_at || world_.is_live(*it.held));
}

bool renewal::needs_issue(const config& c, const item& it, sys_seconds now) const {
  return it.unfinished || !serves(c, it) || it.state.revoked_at || renew_by(it.state, *it.held) <= now;
}

sys_seconds renewal::wake_of(const config& c, const item& it, sys_seconds now) const {
  if (is_revoked(it.held) && !it.unfinished) return it.told_revoked ? never : now;
  const auto not_before_try = [&](sys_seconds when) { return std::max(when, it.state.try_at.value_or(when)); };
  if (needs_issue(c, it, now)) return not_before_try(now);
  auto wake = not_before_try(renew_by(it.state, *it.held));
  if (!it.state.deployed_at) wake = std::min(wake, not_before_try(now));
  if (it.state.ask_at && now < it.held->not_after) wake = std::min(wake, *it.state.ask_at);
  if (it.state.retire_at && it.state.deployed_at) wake = std::min(wake, *it.state.retire_at);
  return std::min(wake, it.state.checked_at ? *it.state.checked_at + c.watch.interval : now);
}

void renewal::tell_revoked(item& it) {
  if (std::exchange(it.told_revoked, true)) return;
  world_.log(it.entry->name + " (serial " + it.held->serial +
             ") was revoked, and is not replaced without your word: 'sealring issue --name " + it.entry->name +
             "' replaces it; or remove its entry from the configuration");
}

void renewal::ask(const store& state, item& it) {
  const auto answer = world_.ask(*it.held);
  const auto now = world_.now();
  const auto instant = it.state.renew_at;
  if (answer) {
    take_suggestion(it.state, *answer, now, world_.chance());
    const bool hasty = is_hasty(*it.held, *it.state.renew_at);
    const auto calm = hasty ? free_from_haste(state, *it.held, now) : result<std::optional<sys_seconds>>{};
    if (calm && *calm) it.state.renew_at = std::max(*it.state.renew_at, **calm);
  } else {
    take_no_suggestion(it.state, answer.error().retry_after, now);
    tell_no_suggestion(it, answer.error());
  }
  if (it.state.renew_at == instant || !answer) return;
  world_.log(it.entry->name + " is to be renewed at " + to_text(*it.state.renew_at) + ", as its CA suggests" +
             (answer->explanation_url.empty() ? "" : "; it explains why at " + answer->explanation_url));
}

// A CA that is down is asked again, and one that suggests nothing need not. What it should not have said a person can tell it.
void renewal::tell_no_suggestion(item& it, const failure& why) {
  if (why.code == condition::retry_later || why.code == condition::unsupported || it.told_no_suggestion == why.what) return;
  it.told_no_suggestion = why.what;
  world_.log(it.entry->name + ": its CA does not say when to renew it: " + why.what);
}

void renewal::deploy(item& it) {
  const auto deployed = world_.deploy(*it.entry, *it.held);
  const auto now = world_.now();
  if (deployed) {
    it.state.deployed_at = now;
    if (it.state.retire_at) it.state.retire_at = std::max(*it.state.retire_at, now + settings()->agent.drain);
    it.state.deploy_trouble.clear();
    return note_success(it.state);
  }
  if (it.state.deploy_trouble != deployed.error().what) world_.log(it.entry->name + ": " + deployed.error().what);
  it.state.deploy_trouble = deployed.error().what;
  note_failure(it.state, deployed.error().what, {}, left_of(it.held, now), now);
}

void renewal::watch(item& it) {
  const findings found = world_.check(*it.held);
  upkeep& u = it.state;
  if (found.revoked_at && !u.revoked_at)
    world_.log(it.entry->name + " (serial " + it.held->serial + ") was revoked by its CA at " + to_text(*found.revoked_at) +
               ", and is replaced");
  if (!found.trouble.empty() && found.trouble != u.watch_trouble) world_.log(it.entry->name + ": " + found.trouble);
  u.checked_at = world_.now();
  if (found.revoked_at) {  // what was revoked stays so, whether the list can be had again or not
    u.revoked_at = found.revoked_at;
    u.revocation_reason = found.revocation_reason;
  }
  u.valid_scts = found.valid_scts;
  u.unknown_scts = found.unknown_scts;
  u.bad_scts = found.bad_scts;
  u.watch_trouble = found.trouble;
}

result<certificate> renewal::attempt(store& state, item& it, const request& asked) {
  const auto c = settings();
  it.postponed = false;
  auto issued = attempt_at(state, it, c->ca, asked);
  // While there is time the first CA has several chances.
  const bool too_late = !issued && issued.error().retry_after > left_of(it.held, world_.now()) / 10;
  const bool in_need = asked.asked_for || too_late || !serves(*settings(), it) || it.state.failures >= 2;
  if (!issued && it.entry->fallback && c->fallback && in_need && (it.postponed || is_of_ca(issued.error()))) {
    world_.log(it.entry->name + " was not issued, and the second CA is asked: " + issued.error().what);
    it.postponed = false;
    issued = attempt_at(state, it, *c->fallback, asked);
  }
  const auto now = world_.now();
  if (!issued) {
    const failure& why = issued.error();
    if (why.what != it.state.trouble) world_.log(it.entry->name + " was not issued: " + why.what);
    if (it.postponed) {
      it.state.trouble = why.what;
      // Ten thousand that wait for the same limit would all ask at the instant that has room for one.
      const auto room_at = now + *why.retry_after;
      const auto spread = it.held ? std::clamp(left_of(it.held, now) / 10, 0s, most_spread) : most_spread;
      it.state.try_at = instant_in(room_at, room_at + spread, world_.chance());
    } else {
      note_failure(it.state, why.what, why.retry_after, left_of(it.held, now), now);
    }
    it.state.portal = why.portal;
    if (it.unfinished)  // or it was given up
      if (const auto journal = state.find_pending_order(it.entry->name)) it.unfinished = journal->has_value();
    return issued;
  }
  const bool first = !it.held;
  it.held = *issued;
  it.unfinished = it.told_revoked = false;
  begin(it.state, *issued, now, world_.chance());
  // A clock that is ahead, or a CA that dates back, would have us order without end.
  if (is_due(it.state.renew_at, now)) it.state.renew_at = now + std::max<seconds>(left_of(it.held, now) / 2, 1min);
  if (!first) it.state.retire_at = now + c->agent.drain;
  world_.log("issued " + issued->name + " (serial " + issued->serial + "), good until " + to_text(issued->not_after));
  if (asked.progress && (!it.entry->reload.empty() || !it.entry->prove.empty())) asked.progress("telling the servers");
  deploy(it);
  if (renew_by(it.state, *it.held) <= now) it.state.try_at = std::max(it.state.try_at.value_or(now), now + 10min);
  return issued;
}

result<certificate> renewal::attempt_at(store& state, item& it, const ca_section& ca, const request& asked) {
  const auto now = world_.now();
  const bool replacing = replaces(it, ca);
  const bool exempt = replacing && is_in_window(it.state, now);
  if (!asked.asked_for) {
    const auto free = exempt ? result<std::optional<sys_seconds>>{} : free_from(state, ca, it.entry->domains, now);
    if (!free) return free.error();
    it.postponed = free->has_value();
    if (*free) {
      failure later = fail(condition::retry_later, "the limits of " + ca.directory + " leave room at " + to_text(**free));
      later.retry_after = std::min<seconds>(**free - now, 24h);  // to look again costs nothing, and the clock may be wrong
      return later;
    }
  }
  if (!exempt)
    if (auto counted = count_order(state, ca, now); !counted) return counted.error();
  auto issued = world_.issue(state, {*it.entry, ca, replacing ? it.held : std::nullopt, asked.progress, asked.requests});
  const auto& domains = it.entry->domains;
  auto counted = result<void>{};
  if (issued && replacing && is_hasty(*it.held, now)) counted = count_haste(state, *it.held, now);
  if (issued && !exempt) counted = count_certificate(state, ca, domains, now);
  if (!issued && is_of_names(issued.error())) counted = count_failure(state, ca, domains, now);
  if (!counted) world_.log(counted.error().what);
  const std::lock_guard lock{mutex_};
  ++orders_[{ca.directory, issued ? "done" : is_busy(issued.error()) ? "busy" : "failed"}];
  return issued;
}

result<renewal::outcome> renewal::issue(store& state, const std::string& name, const order& wish) {
  std::unique_lock lock{mutex_};
  item it = wait_for(lock, name);
  lock.unlock();
  if (!it.entry) return fail(condition::bad_input, "the operator's files have no certificate " + quote(name));
  if (it.held && it.state.serial != it.held->serial) begin(it.state, *it.held, world_.now(), world_.chance());
  if (wish.ask && serves(*settings(), it)) ask(state, it);
  const bool good = !wish.force && !needs_issue(*settings(), it, world_.now());
  std::optional<failure> failed;
  if (!good) {
    auto issued = attempt(state, it, {true, wish.progress, wish.requests});
    if (!issued) failed = issued.error();
  } else if (!it.state.deployed_at) {
    deploy(it);  // it is there, and no server has it yet
  }
  const std::string trouble = it.state.deploy_trouble;
  auto held = it.held;
  give_back(state, std::move(it));
  if (failed) return *failed;
  if (!trouble.empty()) return fail(condition::operator_needed, name + " was issued, and is not in use: " + trouble);
  return outcome{*std::move(held), !good};
}

result<void> renewal::refresh(store& state, const std::string& name) {
  auto held = state.find_certificate(name);
  if (!held) return held.error();
  std::unique_lock lock{mutex_};
  item it = wait_for(lock, name);
  lock.unlock();
  if (!it.entry) return {};
  it.held = *std::move(held);
  give_back(state, std::move(it));
  return {};
}

}  // namespace sealring::agent

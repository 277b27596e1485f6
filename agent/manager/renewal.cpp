#include "agent/manager/renewal.hpp"

#include "agent/file.hpp"
#include "agent/manager/fresh_key.hpp"

#include <ctime>
#include <thread>

namespace sealring::agent {

namespace {

using namespace std::chrono_literals;
using clock = backoff::clock;

/// Certificates live for days: what becomes due is seen soon enough.
constexpr auto between_looks = 1h;
/// What keeps all certificates from being issued, as opposed to one.
constexpr std::string_view everything = "";

std::string to_text(std::chrono::sys_seconds when) {
  const std::time_t seconds = when.time_since_epoch().count();
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%F %T UTC", &utc)};
}

}  // namespace

need need_of(const config& c, const certificate_entry& wanted, const std::optional<certificate>& held,
             std::chrono::sys_seconds now) {
  if (!held) return need::issue;
  if (held->status == certificate_status::revoked) return need::operators_word;
  return serves(c, *held, wanted, now) ? need::nothing : need::issue;
}

void renewal::look(const config& c) {
  for (const certificate_entry& entry : c.certificates) {
    if (around_.stopping() || !failures_.allows(everything, clock::now())) return;
    if (!failures_.allows(entry.name, clock::now())) continue;
    look_at(c, entry);
  }
}

void renewal::forget_failures() {
  failures_.clear();
  told_revoked_.clear();
}

clock::time_point renewal::next(clock::time_point now) const { return std::min(failures_.next(), now + between_looks); }

void renewal::note_failure(const std::string& what, const std::string& line) {
  if (failures_.failed(what, line, clock::now())) around_.log(line);
}

void renewal::look_at(const config& c, const certificate_entry& entry) {
  for (int tries = 0; tries < 3 && !around_.stopping(); ++tries) {
    auto lock = file_lock::take(c.state.live.parent_path() / "lock", 10min);
    if (!lock && lock.error().code == condition::retry_later) return;  // a long command; the next look will do
    if (!lock) return note_failure(std::string{everything}, lock.error().what);
    auto state = store::open(c.state.store);
    if (!state) return note_failure(std::string{everything}, state.error().what);
    auto held = state->find_certificate(entry.name);
    if (!held) return note_failure(std::string{everything}, held.error().what);
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    switch (need_of(c, entry, *held, now)) {
      case need::nothing: return failures_.succeeded(entry.name);
      case need::operators_word:
        if (told_revoked_.insert((*held)->serial).second)
          around_.log(entry.name + " (serial " + (*held)->serial +
                      ") was revoked, and is not replaced without your word: 'sealring "
                      "issue --name " +
                      entry.name + "' replaces it; or remove its entry from the configuration");
        return;
      case need::issue: break;
    }
    if (issue_one(c, entry, *state) != went::without_keeper) break;
  }
  // The lock is free: a command that waits for it looks every 20 ms, and comes first.
  std::this_thread::sleep_for(100ms);
}

renewal::went renewal::issue_one(const config& c, const certificate_entry& entry, store& state) {
  const keeper_link* const keys = around_.keeper();
  if (keys == nullptr) {
    if (!around_.stopping()) note_failure(std::string{everything}, "no certificate can be issued: the keeper does not answer");
    return went::badly;
  }
  const auto failed = [&](const std::string& what, const std::string& line) {
    if (!keys->answers()) return went::without_keeper;  // it was that, and another one is about to come
    note_failure(what, line);
    return went::badly;
  };
  if (auto settled = settle_leftovers(*keys, state); !settled)
    return failed(std::string{everything}, "what an interrupted run left cannot be settled: " + settled.error().what);
  auto authority = ca::open(c, *keys, state, {});
  if (!authority)
    return failed(std::string{everything},
                  "no certificate can be issued from " + c.ca.directory + ": " + authority.error().what);
  auto issued = issue(c, entry, *keys, state, *authority, [](std::string_view) {});
  if (!issued) return failed(entry.name, entry.name + " was not issued: " + issued.error().what);
  failures_.succeeded(everything);
  failures_.succeeded(entry.name);
  if (around_.published) around_.published(entry.name);
  around_.log("issued " + issued->name + " (serial " + issued->serial + "), good until " + to_text(issued->not_after) +
              (entry.reload.empty() ? "" : "; this version does not run its reload command: reload your servers"));
  return went::well;
}

}  // namespace sealring::agent

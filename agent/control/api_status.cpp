// The whole on one page: how many certificates are well, and what needs a person.

#include "agent/control/api.hpp"
#include "agent/control/json.hpp"
#include "agent/time_text.hpp"
#include "agent/wall_clock.hpp"

#include <boost/json/array.hpp>

namespace sealring::agent::control {

namespace {

/// What a person should know of a certificate; nothing if all is well.
std::vector<std::string> troubles_of(const kept_certificate& c, std::chrono::sys_seconds now) {
  std::vector<std::string> out;
  const upkeep& u = c.state;
  if (c.held && c.held->status == certificate_status::revoked) out.emplace_back("revoked, and not replaced without your word");
  if (u.revoked_at) out.push_back("revoked by its CA at " + to_text(*u.revoked_at));
  if (c.held && c.held->not_after < now) out.push_back("expired at " + to_text(c.held->not_after));
  if (!u.trouble.empty()) out.push_back((u.try_at ? "next try " + to_text(*u.try_at) + ": " : "") + u.trouble);
  if (!u.deploy_trouble.empty() && u.deploy_trouble != u.trouble) out.push_back("not in use: " + u.deploy_trouble);
  if (!u.watch_trouble.empty()) out.push_back(u.watch_trouble);
  if (!u.portal.empty()) out.push_back("the CA wants you at " + u.portal);
  return out;
}

/// A keeper without a token answers, too.
json::object hsm_of(const result<std::shared_ptr<const keeper_link>>& keeper) {
  const auto counted = keeper ? (*keeper)->statistics() : keeper.error();
  json::object out{{"up", counted && counted->up}};
  if (keeper) out["token"] = json::object{{"label", (*keeper)->token().label}, {"serial", (*keeper)->token().serial}};
  if (!counted) out["trouble"] = counted.error().what;
  else if (!counted->up) out["trouble"] = counted->outage;
  return out;
}

answer status(const manager_side& m) {
  const auto all = m.work->all();
  if (!all) return refusal(all.error());
  const auto now = wall_clock::now();
  std::uint64_t good = 0, missing = 0;
  json::array needs;
  const kept_certificate* next = nullptr;
  for (const kept_certificate& one : *all) {
    if (!one.entry) continue;  // not configured any more
    const auto troubles = troubles_of(one, now);
    if (one.held && troubles.empty()) ++good;
    if (!one.held) ++missing;
    if (!troubles.empty())
      needs.push_back(json::object{{"name", one.entry->name}, {"troubles", json::array(troubles.begin(), troubles.end())}});
    if (one.state.renew_at && (next == nullptr || *one.state.renew_at < *next->state.renew_at)) next = &one;
  }
  json::object out{
      {"certificates", json::object{{"configured", m.settings()->certificates.size()}, {"good", good}, {"missing", missing}}},
      {"hsm", hsm_of(m.keeper())},
      {"directory", m.settings()->ca.directory},
      {"needs_person", std::move(needs)}};
  if (next != nullptr)
    out["next_renewal"] = json::object{{"name", next->entry->name}, {"at", to_rfc3339(*next->state.renew_at)}};
  return json::value(std::move(out));
}

}  // namespace

void add_status_routes(router& to, const manager_side& m) {
  to.add({"GET", "/v1/status", {}, [m](const request&) { return status(m); }});
}

}  // namespace sealring::agent::control

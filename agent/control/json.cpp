#include "agent/control/json.hpp"

#include "agent/time_text.hpp"
#include "agent/wall_clock.hpp"

#include <boost/json/array.hpp>

namespace sealring::agent::control {

namespace {

json::array texts(const std::vector<std::string>& list) { return json::array(list.begin(), list.end()); }

void put(json::object& o, std::string_view name, const upkeep::instant& when) {
  if (when) o[name] = to_rfc3339(*when);
}
void put(json::object& o, std::string_view name, const std::string& text) {
  if (!text.empty()) o[name] = text;
}

json::object renewal_of(const upkeep& u) {
  json::object o;
  put(o, "renew_at", u.renew_at);
  put(o, "window_start", u.window_start);
  put(o, "window_end", u.window_end);
  put(o, "explanation_url", u.explanation_url);
  put(o, "ask_at", u.ask_at);
  o["failures"] = u.failures;
  put(o, "try_at", u.try_at);
  put(o, "trouble", u.trouble);
  put(o, "portal", u.portal);
  return o;
}

json::object deployment_of(const upkeep& u) {
  json::object o;
  put(o, "deployed_at", u.deployed_at);
  put(o, "trouble", u.deploy_trouble);
  put(o, "retire_at", u.retire_at);
  return o;
}

json::object watch_of(const upkeep& u) {
  json::object o;
  put(o, "checked_at", u.checked_at);
  put(o, "revoked_at", u.revoked_at);
  if (u.revocation_reason) o["revocation_reason"] = *u.revocation_reason;
  o["valid_scts"] = u.valid_scts;
  o["unknown_scts"] = u.unknown_scts;
  o["bad_scts"] = u.bad_scts;
  put(o, "trouble", u.watch_trouble);
  return o;
}

}  // namespace

std::string_view status_of(const certificate& held, std::chrono::sys_seconds now) {
  if (held.status == certificate_status::revoked) return "revoked";
  return held.not_after < now ? "expired" : "issued";
}

json::object to_json(const config& c, const certificate& held) {
  const auto now = wall_clock::now();
  json::object o{{"name", held.name},
                 {"domains", texts(held.domains)},
                 {"status", status_of(held, now)},
                 {"directory", held.directory},
                 {"serial", held.serial},
                 {"not_before", to_rfc3339(held.not_before)},
                 {"not_after", to_rfc3339(held.not_after)},
                 {"issued_at", to_rfc3339(held.issued_at)},
                 {"key", json::object{{"label", held.key_label}, {"id", held.key_id}, {"type", held.key_type}}},
                 {"live", (c.state.live / held.name).string()}};
  put(o, "revoked_at", held.revoked_at);
  if (held.revocation_reason) o["revocation_reason"] = *held.revocation_reason;
  return o;
}

json::object to_json(const config& c, const kept_certificate& kept) {
  json::object o =
      kept.held ? to_json(c, *kept.held)
                : json::object{{"name", kept.entry->name}, {"domains", texts(kept.entry->domains)}, {"status", "missing"}};
  o["configured"] = kept.entry != nullptr;
  o["renewal"] = renewal_of(kept.state);
  o["deployment"] = deployment_of(kept.state);
  o["watch"] = watch_of(kept.state);
  return o;
}

json::object to_json(const account_facts& a) {
  json::object o{
      {"directory", a.record.directory},
      {"url", a.record.url},
      {"status", a.status},
      {"contact", texts(a.record.contact)},
      {"key",
       json::object{{"name", a.key.name}, {"label", a.key.label}, {"id", a.key.id}, {"type", a.key.type}, {"uri", a.key.uri}}},
      {"thumbprint", a.thumbprint}};
  put(o, "trouble", a.trouble);
  return o;
}

json::object to_json(const rollover_plan& plan) {
  return {{"account_key", plan.account_key},
          {"old_key_id", plan.old_key_id},
          {"old_thumbprint", plan.old_thumbprint},
          {"new_thumbprint", plan.new_thumbprint},
          {"consequences", texts(plan.consequences)}};
}

}  // namespace sealring::agent::control

// Certificates: what there is, and what is to become of it.

#include "agent/control/api.hpp"
#include "agent/control/for_each_of.hpp"
#include "agent/control/json.hpp"
#include "agent/control/members.hpp"

#include <boost/json/array.hpp>

namespace sealring::agent::control {

namespace {

/// Requests to the CA are lines of progress of their own kind, for those who ask for them.
reporter requests_to(const progress& tell, bool wanted) {
  if (!wanted) return {};
  return [tell](std::string_view line) { tell("request: " + std::string{line}); };
}

answer list(desk& manager, const config& c) {
  const auto all = manager.all();
  if (!all) return refusal(all.error());
  json::array out;
  for (const kept_certificate& one : *all) out.push_back(to_json(c, one));
  return json::value(std::move(out));
}

answer show(desk& manager, const config& c, const request& r) {
  const auto found = manager.find(r.places.at("name"));
  if (!found) return refusal(found.error());
  return json::value(to_json(c, *found));
}

answer issue(const manager_side& manager, const request& r, const progress& tell) {
  members in{r.body};
  const renewal::order wish{
      .force = in.flag("force"), .ask = in.flag("ask"), .progress = tell, .requests = requests_to(tell, in.flag("trace"))};
  if (auto read = in.done(); !read) return refusal(read.error());
  const auto issued = manager.work->issue(r.places.at("name"), wish);
  if (!issued) return refusal(issued.error());
  return json::value{{"issued", issued->issued}, {"certificate", to_json(*manager.settings(), issued->held)}};
}

answer authorize(const manager_side& manager, const request& r, const progress& tell) {
  if (auto proved = manager.work->authorize(r.places.at("name"), tell); !proved) return refusal(proved.error());
  return json::value(json::object{});
}

result<revocation_wish> read_wish(members& in) {
  revocation_wish wish{.by_certificate_key = in.flag("by_certificate_key"), .replace = in.flag("replace")};
  if (const auto reason = in.maybe_number("reason")) {
    if (*reason > 10 || *reason == 7)
      return fail(condition::bad_input, "\"reason\" must be one of RFC 5280 section 5.3.1: 0 to 10, and not 7");
    wish.reason = static_cast<int>(*reason);
  }
  if (auto read = in.done(); !read) return read.error();
  return wish;
}

answer revoke(const manager_side& manager, const request& r, const progress& tell) {
  members in{r.body};
  const bool trace = in.flag("trace");
  const auto wish = read_wish(in);
  if (!wish) return refusal(wish.error());
  const auto name = r.places.at("name");
  const auto known = manager.work->find(name);
  if (!known) return refusal(known.error());
  const bool was_revoked = known->held && known->held->status == certificate_status::revoked;
  const auto revoked = manager.work->revoke(name, *wish, tell, requests_to(tell, trace));
  if (!revoked) return refusal(revoked.error());
  return json::value{{"revoked", !was_revoked}, {"certificate", to_json(*manager.settings(), *revoked)}};
}

/// Certificates that are revoked at once: most of the time each waits for its CA, and for its servers.
constexpr std::size_t revoked_at_once = 8;

/// One that fails does not keep the others from being revoked.
answer revoke_all(const manager_side& manager, const request& r, const progress& tell) {
  members in{r.body};
  const auto wish = read_wish(in);
  if (!wish) return refusal(wish.error());
  auto all = manager.work->all();
  if (!all) return refusal(all.error());
  std::erase_if(*all, [](const kept_certificate& c) { return !c.held || c.held->status == certificate_status::revoked; });
  std::vector<std::optional<result<certificate>>> outcomes(all->size());
  for_each_of(all->size(), revoked_at_once,
              [&](std::size_t i) { outcomes[i] = manager.work->revoke((*all)[i].held->name, *wish, tell, {}); });
  json::array revoked, failed;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const result<certificate>& done = *outcomes[i];
    if (done) revoked.push_back(to_json(*manager.settings(), *done));
    else failed.push_back(json::object{{"name", (*all)[i].held->name}, {"error", done.error().what}});
  }
  return json::value{{"revoked", std::move(revoked)}, {"failed", std::move(failed)}};
}

}  // namespace

void add_certificate_routes(router& to, const manager_side& m) {
  to.add({"GET", "/v1/certificates", {}, [m](const request&) { return list(*m.work, *m.settings()); }});
  to.add({"GET", "/v1/certificates/{name}", {}, [m](const request& r) { return show(*m.work, *m.settings(), r); }});
  to.add({"POST", "/v1/certificates/{name}/issue", {"force", "ask", "trace"}, [m](const request& r, const progress& p) {
            return issue(m, r, p);
          }});
  to.add({"POST", "/v1/certificates/{name}/authorize", {}, [m](const request& r, const progress& p) {
            return authorize(m, r, p);
          }});
  to.add({"POST",
          "/v1/certificates/{name}/revoke",
          {"reason", "by_certificate_key", "replace", "trace"},
          [m](const request& r, const progress& p) { return revoke(m, r, p); }});
  to.add({"POST", "/v1/revoke", {"reason", "by_certificate_key", "replace"}, [m](const request& r, const progress& p) {
            return revoke_all(m, r, p);
          }});
}

}  // namespace sealring::agent::control

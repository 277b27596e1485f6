// The accounts: at [ca], or at the CA whose directory is named.

#include "agent/control/api.hpp"
#include "agent/control/json.hpp"
#include "agent/control/members.hpp"

namespace sealring::agent::control {

namespace {

result<std::string> directory_of(const json::object& from) {
  members in{from};
  auto directory = in.maybe_text("directory").value_or("");
  if (auto read = in.done(); !read) return read.error();
  return directory;
}

template <class F>
answer changed(const request& r, F change) {
  const auto directory = directory_of(r.body);
  if (!directory) return refusal(directory.error());
  if (auto done = change(*directory); !done) return refusal(done.error());
  return json::value(json::object{});
}

answer show(const manager_side& m, const json::object& from) {
  const auto directory = directory_of(from);
  if (!directory) return refusal(directory.error());
  const auto facts = m.work->account_at(*directory);
  if (!facts) return refusal(facts.error());
  return json::value(to_json(*facts));
}

answer prepare(const manager_side& m, const request& r) {
  const auto directory = directory_of(r.body);
  if (!directory) return refusal(directory.error());
  const auto plan = m.work->prepare_rollover(*directory);
  if (!plan) return refusal(plan.error());
  return json::value(to_json(*plan));
}

}  // namespace

void add_account_routes(router& to, const manager_side& m) {
  // To ask the CA takes the account's key, and ends what an interrupted change of it began.
  to.add({"GET", "/v1/account", {"directory"}, [m](const request& r, const progress&) { return show(m, r.query); }, true});
  to.add({"POST", "/v1/account/update", {"directory"}, [m](const request& r, const progress&) {
            return changed(r, [&](const std::string& d) { return m.work->update_account(d); });
          }});
  to.add({"POST", "/v1/account/deactivate", {"directory"}, [m](const request& r, const progress&) {
            return changed(r, [&](const std::string& d) { return m.work->deactivate_account(d); });
          }});
  to.add({"POST", "/v1/account/rollover/prepare", {"directory"}, [m](const request& r, const progress&) {
            return prepare(m, r);
          }});
  to.add({"POST", "/v1/account/rollover", {"directory"}, [m](const request& r, const progress&) {
            return changed(r, [&](const std::string& d) { return m.work->roll_over(d); });
          }});
}

}  // namespace sealring::agent::control

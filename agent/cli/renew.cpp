// sealring renew, sealring authorize: what the agent does by itself, now.

#include "agent/cli/by_manager.hpp"
#include "agent/cli/manager_door.hpp"
#include "agent/cli/shown.hpp"
#include "agent/domain.hpp"

#include <boost/json/array.hpp>

namespace sealring::agent::cli {

namespace {

/// All that are configured. What a person has revoked waits for his word: 'sealring issue'.
result<std::vector<std::string>> all_names(manager_door& door) {
  const auto all = door.call("GET", "/v1/certificates");
  if (!all) return all.error();
  std::vector<std::string> names;
  for (const boost::json::value& one : all->as_array())
    if (one.at("configured").as_bool() && shown(one, "status") != "revoked") names.push_back(shown(one, "name"));
  if (names.empty())
    return fail(condition::bad_input, "nothing to renew: " + door.settings().file.string() + " has no [[certificate]] in use");
  return names;
}

}  // namespace

result<outcome> run(const renew_options& o, const global_options& global, output& out) {
  for (const std::string& name : o.names)
    if (auto good = check_name(name); !good) return good.error();
  if (needs_errand(global)) return by_manager(global, errand{.arguments = global.arguments});
  auto door = manager_door::open(global, out, manager_door::purpose::to_change);
  if (!door) return door.error();
  const auto names = o.names.empty() ? all_names(*door) : result<std::vector<std::string>>{o.names};
  if (!names) return names.error();
  boost::json::array told;
  std::size_t failed = 0, renewed = 0;
  for (const std::string& name : *names) {
    const auto done =
        door->call("POST", certificate_path(name, "/issue"), {{"force", o.force}, {"ask", true}, {"trace", global.verbose}});
    if (!done && names->size() == 1) return done.error();
    if (!done) {
      ++failed;
      out.warn(name + " was not renewed: " + done.error().what);
      told.push_back({{"name", name}, {"error", done.error().what}});
      continue;
    }
    const bool fresh = done->at("issued").as_bool();
    renewed += fresh ? 1 : 0;
    const auto& held = done->at("certificate");
    out.say(name + (fresh ? " was renewed, and is good until " : " is not due; it is good until ") +
            shown_time(held, "not_after"));
    if (fresh) told.push_back(held);
  }
  out.print(told);
  return failed > 0 ? outcome::failed_in_part : renewed > 0 ? outcome::done : outcome::nothing_to_do;
}

result<outcome> run(const authorize_options& o, const global_options& global, output& out) {
  if (auto good = check_name(o.name); !good) return good.error();
  if (needs_errand(global)) return by_manager(global, errand{.arguments = global.arguments});
  auto door = manager_door::open(global, out, manager_door::purpose::to_change);
  if (!door) return door.error();
  if (auto done = door->call("POST", certificate_path(o.name, "/authorize")); !done) return done.error();
  out.say("the CA believes that the names of " + o.name + " are yours");
  out.print(boost::json::object{{"name", o.name}});
  return outcome::done;
}

}  // namespace sealring::agent::cli

// sealring renew, sealring authorize: what the agent does by itself, now.

#include "agent/cli/by_manager.hpp"
#include "agent/cli/manager_door.hpp"
#include "agent/cli/shown.hpp"
#include "agent/domain.hpp"

#include <boost/json/array.hpp>

namespace sealring::agent::cli {

result<outcome> run(const renew_options& o, const global_options& global, output& out) {
  for (const std::string& name : o.names)
    if (auto good = check_name(name); !good) return good.error();
  if (needs_errand(global)) return by_manager(global, errand{.arguments = global.arguments});
  auto door = manager_door::open(global, out, manager_door::purpose::to_change);
  if (!door) return door.error();
  std::vector<std::string> names = o.names;
  names.reserve(names.empty() ? door->settings().certificates.size() : names.size());
  if (names.empty())
    for (const certificate_entry& entry : door->settings().certificates) names.push_back(entry.name);
  if (names.empty())
    return fail(condition::bad_input, "nothing to renew: " + door->settings().file.string() + " has no [[certificate]]");
  boost::json::array told;
  std::size_t failed = 0, renewed = 0;
  for (const std::string& name : names) {
    const auto done =
        door->call("POST", certificate_path(name, "/issue"), {{"force", o.force}, {"ask", true}, {"trace", global.verbose}});
    if (!done && names.size() == 1) return done.error();
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

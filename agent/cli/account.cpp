// sealring account: what the CA knows us by.

#include "agent/cli/by_manager.hpp"
#include "agent/cli/manager_door.hpp"
#include "agent/cli/shown.hpp"

#include <boost/json/array.hpp>

#include <iostream>

#include <unistd.h>

namespace sealring::agent::cli {

namespace {

using boost::json::object;

object at(const std::string& directory) { return directory.empty() ? object{} : object{{"directory", directory}}; }

/// What cannot be taken back is asked for twice.
result<void> confirm(bool yes, const std::string& question) {
  if (yes) return {};
  if (::isatty(STDIN_FILENO) == 0) return fail(condition::bad_input, "this cannot be taken back; add --yes to do it");
  std::cerr << question << " [y/N] " << std::flush;
  std::string line;
  std::getline(std::cin, line);
  if (line == "y" || line == "yes") return {};
  return fail(condition::bad_input, "nothing was done");
}

/// An approval is root's to give, to a keeper that outlives this command.
result<void> agent_is_needed(const global_options& global) {
  if (!needs_errand(global)) return {};
  return fail(condition::operator_needed,
              "start the agent first: where keeper and manager have users of their own, this goes "
              "through the keeper that is running");
}

constexpr auto long_enough = std::chrono::hours{24};  // also to go on after a crash, or an outage of the CA's

}  // namespace

result<outcome> run(const account_show_options& o, const global_options& global, output& out) {
  if (needs_errand(global)) return by_manager(global, errand{.arguments = global.arguments});
  auto door = manager_door::open(global, out, manager_door::purpose::to_look);
  if (!door) return door.error();
  auto found = door->call("GET", "/v1/account", at(o.directory));
  if (!found) return found.error();
  if (const std::string trouble = shown(*found, "trouble"); !trouble.empty())
    out.warn("the CA does not confirm the account: " + trouble);
  out.table({},
            {{"directory", shown(*found, "directory")},
             {"account", shown(*found, "url")},
             {"status", shown(*found, "status")},
             {"contact", shown(*found, "contact")},
             {"key", shown(*found, "key.type") + ", label " + shown(*found, "key.label") + ", id " + shown(*found, "key.id")},
             {"thumbprint", shown(*found, "thumbprint")}});
  out.print(*found);
  return outcome::done;
}

result<outcome> run(const account_update_options& o, const global_options& global, output& out) {
  if (needs_errand(global)) return by_manager(global, errand{.arguments = global.arguments});
  auto door = manager_door::open(global, out, manager_door::purpose::to_change);
  if (!door) return door.error();
  if (auto read = door->call("POST", "/v1/reload"); !read) return read.error();  // an agent may know older files
  if (auto done = door->call("POST", "/v1/account/update", at(o.directory)); !done) return done.error();
  out.say("the CA knows the contacts of " + door->settings().file.string());
  out.print(object{});
  return outcome::done;
}

result<outcome> run(const account_rollover_options& o, const global_options& global, output& out) {
  if (auto ready = agent_is_needed(global); !ready) return ready.error();
  auto door = manager_door::open(global, out, manager_door::purpose::to_change);
  if (!door) return door.error();
  const auto plan = door->call("POST", "/v1/account/rollover/prepare", at(o.directory));
  if (!plan) return plan.error();
  out.say("old key  " + shown(*plan, "old_thumbprint"));
  out.say("new key  " + shown(*plan, "new_thumbprint") + " (in the token, not in use yet)");
  for (const boost::json::value& one : plan->at("consequences").as_array()) out.say("  - " + std::string{one.as_string()});
  if (o.plan) {
    out.print(*plan);
    return outcome::done;
  }
  if (auto sure = confirm(o.yes, "Change the account's key?"); !sure) return sure.error();
  const auto keys = door->keys();
  if (!keys) return keys.error();
  const std::string key = shown(*plan, "account_key");
  const std::vector thumbprints{shown(*plan, "old_thumbprint"), shown(*plan, "new_thumbprint")};
  if (auto given = (*keys)->approve("key-change", key, thumbprints, long_enough); !given) return given.error();
  if (auto given = (*keys)->approve("retire", key, {shown(*plan, "old_key_id")}, long_enough); !given) return given.error();
  out.progress("changing the account's key");
  if (auto done = door->call("POST", "/v1/account/rollover", at(o.directory)); !done) return done.error();
  out.say("the account has its new key, and the old one is destroyed");
  out.print(*plan);
  return outcome::done;
}

result<outcome> run(const account_deactivate_options& o, const global_options& global, output& out) {
  if (auto ready = agent_is_needed(global); !ready) return ready.error();
  auto door = manager_door::open(global, out, manager_door::purpose::to_change);
  if (!door) return door.error();
  const auto found = door->call("GET", "/v1/account", at(o.directory));
  if (!found) return found.error();
  const std::string url = shown(*found, "url");
  if (auto sure = confirm(o.yes, "Give up account " + url + " for ever?"); !sure) return sure.error();
  const auto keys = door->keys();
  if (!keys) return keys.error();
  if (auto given = (*keys)->approve("deactivate-account", shown(*found, "key.name"), {url}); !given) return given.error();
  if (auto given = (*keys)->approve("retire", shown(*found, "key.name"), {shown(*found, "key.id")}, long_enough); !given)
    return given.error();
  if (auto done = door->call("POST", "/v1/account/deactivate", at(o.directory)); !done) return done.error();
  out.say("account " + url + " is deactivated, and its key is destroyed; the next order makes another");
  out.print(object{{"url", url}, {"status", "deactivated"}});
  return outcome::done;
}

}  // namespace sealring::agent::cli

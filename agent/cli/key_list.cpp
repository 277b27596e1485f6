// sealring key list: every private key in the token, how the token keeps it, and what uses it.

#include "agent/cli/by_manager.hpp"
#include "agent/key_name.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <map>

namespace sealring::agent::cli {

namespace {

/// Who needs a key: its purpose, and the account or certificates that name it.
struct users {
  std::string purpose;
  std::vector<std::string> names;
};

result<std::map<std::string, users>> users_by_id(const store& state) {
  std::map<std::string, users> by_id;
  auto accounts = state.accounts();
  if (!accounts) return accounts.error();
  for (const account& a : *accounts) by_id[a.key_id] = {"account", {a.directory}};
  auto current = state.certificates();
  if (!current) return current.error();
  for (const certificate& latest : *current) {
    auto generations = state.generations(latest.name);
    if (!generations) return generations.error();
    for (const certificate& one : *generations) {
      users& u = by_id[one.key_id];
      u.purpose = "certificate";
      u.names.push_back(one.serial == latest.serial ? one.name : one.name + " (before)");
    }
  }
  return by_id;
}

}  // namespace

result<outcome> run(const key_list_options&, const global_options& global, output& out) {
  if (has_walls(global)) return by_manager(global, errand{.arguments = global.arguments, .needs_keeper = true});
  auto w = workspace::open(global);
  if (!w) return w.error();
  auto keys = w->open_keys(out);
  if (!keys) return keys.error();
  auto found = keys->list();
  if (!found) return found.error();
  const auto by_id = users_by_id(w->state);
  if (!by_id) return by_id.error();
  std::vector<std::vector<std::string>> rows;
  boost::json::array all;
  for (const wire::key_facts& key : *found) {
    const auto user = by_id->find(key.id);
    const users none{};
    users u = user != by_id->end() ? user->second : none;
    if (key.name == audit_key_name) u = {"audit", {"audit log"}};
    rows.push_back({key.label, key.type, u.names.empty() ? "-" : u.names.front(), text_of(key.custody)});
    all.push_back(boost::json::object{{"label", key.label},
                                      {"id", key.id},
                                      {"type", key.type},
                                      {"uri", key.uri},
                                      {"purpose", u.purpose},
                                      {"referenced_by", boost::json::array(u.names.begin(), u.names.end())},
                                      {"sensitive", key.custody.sensitive},
                                      {"always_sensitive", key.custody.always_sensitive},
                                      {"extractable", key.custody.extractable},
                                      {"never_extractable", key.custody.never_extractable},
                                      {"local", key.custody.local}});
  }
  if (rows.empty()) out.say("no private keys in token " + text_of(keys->token()));
  else out.table({"LABEL", "TYPE", "USED BY", "CUSTODY"}, rows);
  out.print(all);
  return outcome::done;
}

}  // namespace sealring::agent::cli

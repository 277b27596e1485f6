// sealring list, sealring show: what is held. They ask neither token nor CA.

#include "agent/cli/by_manager.hpp"
#include "agent/cli/manager_door.hpp"
#include "agent/cli/shown.hpp"
#include "agent/domain.hpp"
#include "agent/file.hpp"

#include <boost/json/array.hpp>

namespace sealring::agent::cli {

result<outcome> run(const list_options&, const global_options& global, output& out) {
  if (needs_errand(global)) return by_manager(global, errand{.arguments = global.arguments, .needs_keeper = false});
  auto door = manager_door::open(global, out, manager_door::purpose::to_look);
  if (!door) return door.error();
  const auto all = door->call("GET", "/v1/certificates");
  if (!all) return all.error();
  std::vector<std::vector<std::string>> rows;
  for (const boost::json::value& one : all->as_array())
    rows.push_back({shown(one, "name"), shown(one, "status"), shown_time(one, "not_after"), shown(one, "key.type"),
                    shown(one, "domains")});
  if (rows.empty()) out.say("no certificates yet; 'sealring issue -d NAME' obtains one");
  else out.table({"NAME", "STATUS", "EXPIRES", "KEY", "DOMAINS"}, rows);
  out.print(*all);
  return outcome::done;
}

result<outcome> run(const show_options& o, const global_options& global, output& out) {
  if (auto good = check_name(o.name); !good) return good.error();
  if (needs_errand(global)) return by_manager(global, errand{.arguments = global.arguments, .needs_keeper = false});
  auto door = manager_door::open(global, out, manager_door::purpose::to_look);
  if (!door) return door.error();
  auto held = door->call("GET", certificate_path(o.name));
  if (!held) return held.error();
  std::vector<std::vector<std::string>> rows;
  const auto add = [&](const char* title, const std::string& text) {
    if (!text.empty()) rows.push_back({title, text});
  };
  add("name", shown(*held, "name"));
  add("domains", shown(*held, "domains"));
  add("status", shown(*held, "status"));
  add("serial", shown(*held, "serial"));
  add("not before", shown_time(*held, "not_before"));
  add("not after", shown_time(*held, "not_after"));
  const std::string folder = shown(*held, "live");
  const auto text = folder.empty() ? result<std::string>{std::string{}} : read_file(folder + "/cert.pem");
  const auto chain = text ? x509::read_certificates(*text) : sealring::result<std::vector<x509::certificate>>{};
  if (chain && !chain->empty()) {
    add("issuer", chain->front().issuer());
    held->as_object()["issuer"] = chain->front().issuer();
  }
  add("directory", shown(*held, "directory"));
  if (held->as_object().contains("key"))
    add("key", shown(*held, "key.type") + ", label " + shown(*held, "key.label") + ", id " + shown(*held, "key.id"));
  add("files", folder);
  add("revoked at", shown_time(*held, "revoked_at"));
  add("renewal at", shown_time(*held, "renewal.renew_at"));
  add("as its CA explains at", shown(*held, "renewal.explanation_url"));
  add("next try", shown_time(*held, "renewal.try_at"));
  add("trouble", shown(*held, "renewal.trouble"));
  add("go to", shown(*held, "renewal.portal"));
  add("in use since", shown_time(*held, "deployment.deployed_at"));
  add("not in use", shown(*held, "deployment.trouble"));
  add("checked at", shown_time(*held, "watch.checked_at"));
  add("watch", shown(*held, "watch.trouble"));
  out.table({}, rows);
  out.print(*held);
  return outcome::done;
}

}  // namespace sealring::agent::cli

// sealring list, sealring show: what is held. They ask neither token nor CA.

#include "agent/cli/by_manager.hpp"
#include "agent/file.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

namespace sealring::agent::cli {

namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) (text += text.empty() ? "" : ", ") += word;
  return text;
}

std::string status_of(const certificate& held) {
  if (held.status == certificate_status::revoked) return "revoked";
  return held.not_after < std::chrono::system_clock::now() ? "expired" : "issued";
}

}  // namespace

result<outcome> run(const list_options&, const global_options& global, output& out) {
  if (has_walls(global)) return by_manager(global, errand{.arguments = global.arguments, .needs_keeper = false});
  auto w = workspace::open(global);
  if (!w) return w.error();
  auto held = w->state.certificates();
  if (!held) return held.error();
  std::vector<std::vector<std::string>> rows;
  boost::json::array all;
  for (const certificate& one : *held) {
    rows.push_back({one.name, status_of(one), to_text(one.not_after), one.key_type, joined(one.domains)});
    all.push_back(to_json(w->settings, one));
  }
  if (rows.empty()) out.say("no certificates yet; 'sealring issue -d NAME' obtains one");
  else out.table({"NAME", "STATUS", "EXPIRES", "KEY", "DOMAINS"}, rows);
  out.print(all);
  return outcome::done;
}

result<outcome> run(const show_options& o, const global_options& global, output& out) {
  if (has_walls(global)) return by_manager(global, errand{.arguments = global.arguments, .needs_keeper = false});
  auto w = workspace::open(global);
  if (!w) return w.error();
  auto held = find_held(*w, o.name);
  if (!held) return held.error();
  const auto folder = w->settings.state.live / o.name;
  auto text = read_file(folder / "fullchain.pem");
  if (!text) return text.error();
  auto chain = x509::read_certificates(*text);
  if (!chain) return fail(chain.error(), (folder / "fullchain.pem").string());
  std::vector<std::vector<std::string>> rows = {{"name", held->name},
                                                {"domains", joined(held->domains)},
                                                {"status", status_of(*held)},
                                                {"serial", held->serial},
                                                {"not before", to_text(held->not_before)},
                                                {"not after", to_text(held->not_after)},
                                                {"issuer", chain->front().issuer()},
                                                {"directory", held->directory},
                                                {"key", held->key_type + ", label " + held->key_label + ", id " + held->key_id},
                                                {"files", folder.string()}};
  if (held->revoked_at) rows.push_back({"revoked at", to_text(*held->revoked_at)});
  out.table({}, rows);
  boost::json::object o_json = to_json(w->settings, *held);
  o_json["issuer"] = chain->front().issuer();
  out.print(o_json);
  return outcome::done;
}

}  // namespace sealring::agent::cli

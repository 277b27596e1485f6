// sealring doctor: the whole way from a server to its key, seen from the server's end.

#include "agent/cli/command_line.hpp"
#include "agent/cli/servers.hpp"
#include "agent/doctor/checks.hpp"
#include "agent/text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include <unistd.h>

namespace sealring::agent::cli {

namespace {

using doctor::findings;

/// What all checks need.
struct scene {
  const config& settings;
  const doctor_options& asked;
  std::string openssl_conf;
  findings& found;
};

std::string openssl_conf_for(const doctor_options& o, const config& c) {
  if (!o.openssl_conf.empty()) return std::filesystem::absolute(o.openssl_conf).string();
  if (const char* const own = std::getenv("OPENSSL_CONF"); own != nullptr && *own != '\0') return own;
  return (c.file.parent_path() / "openssl.cnf").string();
}

/// Whom to look as: the server that was named, or else every peer that is a user.
std::vector<std::string> users_of(const certificate_entry& entry, const server_kind* kind, const doctor_options& o) {
  if (kind != nullptr) return {std::string{kind->user}};
  if (!o.server.empty()) return {o.server};
  std::vector<std::string> users;
  std::ranges::copy_if(entry.peers, std::back_inserter(users), [](const auto& peer) { return !peer.starts_with('%'); });
  return users;
}

void check_for_user(const scene& s, const certificate_entry& entry, const server_kind* kind, const std::string& name) {
  const auto who = find_user(name);
  if (!who) {
    s.found.push_back({entry.name, "user", false, who.error().what + "; name the one that the server runs as"});
    return;
  }
  const std::string of = entry.name + " for " + name;
  check_peer(s.settings, entry, *who, of, s.found);
  doctor::server_role role{.live = (s.settings.state.live / entry.name).string(),
                           .openssl_conf = s.openssl_conf,
                           .user = name,
                           .chroot = s.asked.chroot,
                           .is_client = entry.purpose == key_purpose::tls_client,
                           .reads_as_user = kind != nullptr ? kind->reads_as_user : entry.purpose == key_purpose::tls_client};
  if (role.chroot.empty() && kind != nullptr) role.chroot = kind->chroot;
  if (who->uid == ::geteuid()) {
    role.user = "";  // as we are: the root of a namespace may not even become himself
  } else if (::geteuid() != 0) {
    role.user = role.chroot = "";
    s.found.push_back(
        {of, "user", true, "only root can look as another: what follows is seen as uid " + std::to_string(::geteuid())});
  }
  check_as_server(role, of, s.found);
}

void check_certificate(const scene& s, const certificate_entry& entry) {
  const bool usable = check_live(s.settings, entry, s.found);
  const server_kind* const kind = find_server(s.asked.server);
  const auto users = users_of(entry, kind, s.asked);
  if (users.empty())
    s.found.push_back({entry.name, "peers", false,
                       "no user is listed, so no server can use the key: peers of " + quote(entry.name) + " in " +
                           quote(s.settings.file.string()) + " or conf.d names them; or say --server"});
  if (!usable) return;
  for (const std::string& name : users) check_for_user(s, entry, kind, name);
}

findings examine(const doctor_options& o, const global_options& global) {
  findings found;
  const auto settings = load(global.config);
  if (!settings) return {{global.config.string(), "configuration", false, settings.error().what}};
  found.push_back({settings->file.string(), "configuration", true, "can be read"});
  check_agent(*settings, found);
  const scene s{*settings, o, openssl_conf_for(o, *settings), found};
  bool any = false;
  for (const certificate_entry& entry : settings->certificates) {
    if (!o.name.empty() && entry.name != o.name) continue;
    any = true;
    check_certificate(s, entry);
  }
  if (!any)
    found.push_back({settings->file.string(), "certificate", false,
                     o.name.empty() ? "there is none; 'sealring issue -d NAME' obtains one"
                                    : "there is none of the name " + quote(o.name) + "; 'sealring list' shows them"});
  return found;
}

}  // namespace

result<outcome> run(const doctor_options& o, const global_options& global, output& out) {
  const findings found = examine(o, global);
  std::vector<std::vector<std::string>> rows;
  boost::json::array all;
  for (const auto& [of, check, good, says] : found) {
    rows.push_back({good ? "ok" : "WRONG", of, check, says});
    all.push_back(boost::json::object{{"of", of}, {"check", check}, {"good", good}, {"says", says}});
  }
  const auto wrong = std::ranges::count(found, false, &doctor::finding::good);
  out.table({}, rows);
  out.say(wrong == 0 ? "all is well"
                     : std::to_string(wrong) + " of " + std::to_string(found.size()) + " checks failed; begin with the first");
  out.print(all);
  return wrong == 0 ? outcome::done : outcome::failed_in_part;
}

result<outcome> run(const probe_options& role, const global_options&, output&) {
  doctor::probe(role, [](const doctor::finding& f) { std::cout << to_line(f) << '\n' << std::flush; });
  return outcome::done;
}

}  // namespace sealring::agent::cli

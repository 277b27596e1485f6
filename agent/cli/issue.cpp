// sealring issue: certificates for the names given, or for all that are configured.

#include "agent/cli/by_manager.hpp"
#include "agent/cli/manager_door.hpp"
#include "agent/cli/shown.hpp"
#include "agent/config_writer.hpp"
#include "agent/control/client.hpp"
#include "agent/control/for_each_of.hpp"
#include "agent/domain.hpp"
#include "agent/text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <mutex>

namespace sealring::agent::cli {

namespace {

bool same(const std::vector<std::string>& a, const std::vector<std::string>& b) { return std::ranges::is_permutation(a, b); }

/// The domains as certificates write them.
result<std::vector<std::string>> canonical(const std::vector<std::string>& domains) {
  std::vector<std::string> out;
  for (const std::string& domain : domains) {
    auto name = parse_domain(domain);
    if (!name) return name.error();
    if (std::ranges::find(out, *name) == out.end()) out.push_back(*std::move(name));
  }
  return out;
}

/// What the command line asks for: an entry of the configuration, or a new one.
result<std::vector<certificate_entry>> wanted(const config& c, const issue_options& o) {
  if (o.domains.empty() && o.name.empty()) {
    if (o.key)
      return fail(condition::bad_input, "--key needs -d or --name; for configured certificates set \"key\" in their entries");
    if (c.certificates.empty())
      return fail(condition::bad_input, "nothing to issue: give names with -d, or add a [[certificate]] to " + c.file.string());
    return c.certificates;
  }
  auto domains = canonical(o.domains);
  if (!domains) return domains.error();
  certificate_entry entry;
  entry.name = !o.name.empty() ? o.name : domains->front();
  if (o.name.empty() && entry.name.starts_with("*.")) entry.name.erase(0, 2);
  if (const certificate_entry* known = c.find_certificate(entry.name)) {
    if (!domains->empty() && !same(*domains, known->domains))
      return fail(condition::bad_input, "the configuration has a certificate " + quote(entry.name) +
                                            " with other domains; change them there, or choose another --name");
    if (o.key && *o.key != known->key)
      return fail(condition::bad_input, "the configuration has certificate " + quote(entry.name) + " with key = " +
                                            quote(to_string(known->key)) + "; change it there, or choose another --name");
    entry = *known;
  } else if (domains->empty()) {
    return fail(condition::bad_input, "the configuration has no certificate " + quote(entry.name) + "; give its names with -d");
  } else {
    entry.domains = *std::move(domains);
  }
  if (o.key) entry.key = *o.key;
  if (auto good = check(entry); !good) return good.error();
  return std::vector{entry};
}

/// Whether it was issued now.
bool report(const boost::json::value& done, output& out) {
  const auto& held = done.at("certificate");
  if (!done.at("issued").as_bool()) {
    out.say(shown(held, "name") + " is good until " + shown_time(held, "not_after") + "; --force issues it all the same");
    return false;
  }
  out.say("issued   " + shown(held, "name") + "  serial " + shown(held, "serial"));
  out.say("expires  " + shown_time(held, "not_after"));
  out.say("key      " + shown(held, "key.label") + " (" + shown(held, "key.type") + ", in the token)");
  out.say("files    " + shown(held, "live") + "/{cert,chain,fullchain,privkey,combined}.pem");
  return true;
}

/// Each is told of when it is there; the document has them in the order of the files. One that fails does not keep the others
/// from being issued.
template <class Issue>
outcome issue_all(const std::vector<certificate_entry>& entries, std::size_t jobs, const Issue& issue, output& out) {
  std::mutex mutex;  // guards what follows
  std::vector<std::optional<boost::json::value>> told(entries.size());
  std::size_t failed = 0, issued = 0;
  for_each_of(entries.size(), jobs, [&](std::size_t i) {
    const std::string& name = entries[i].name;
    const auto done = issue(entries[i]);
    const std::lock_guard lock{mutex};
    if (!done) {
      ++failed;
      out.warn(name + " was not issued: " + done.error().what);
      told[i] = {{"name", name}, {"error", done.error().what}};
    } else if (report(*done, out)) {
      ++issued;
      told[i] = done->at("certificate");
    }
  });
  boost::json::array all;
  for (auto& one : told)
    if (one) all.push_back(*std::move(one));
  out.print(all);
  return failed > 0 ? outcome::failed_in_part : issued > 0 ? outcome::done : outcome::nothing_to_do;
}

/// conf.d/NAME.toml is the operator's word that this certificate is wanted: the keeper makes keys for no other names, and it is
/// renewed from now on. Taken back unless something came of it.
class permission {
public:
  /// `reload` makes keeper and manager read the files; it must outlive this.
  static result<permission> give(const config& c, const certificate_entry& entry, const std::function<result<void>()>& reload) {
    if (c.find_certificate(entry.name) != nullptr) return permission{{}, reload};
    if (auto written = write_certificate(c.file, entry); !written) return written.error();
    permission given{certificate_file(c.file, entry.name), reload};
    if (auto read = reload(); !read) return read.error();
    return given;
  }
  permission(permission&& other) noexcept : file_{std::exchange(other.file_, {})}, reload_{other.reload_} {}
  permission& operator=(permission&&) = delete;
  ~permission() {
    if (file_.empty()) return;
    std::error_code ignored;
    std::filesystem::remove(file_, ignored);
    static_cast<void>((*reload_)());  // who has gone reads it anew when it comes back
  }
  void keep() { file_.clear(); }

private:
  permission(std::filesystem::path file, const std::function<result<void>()>& reload)
      : file_{std::move(file)}, reload_{&reload} {}
  std::filesystem::path file_;
  const std::function<result<void>()>* reload_;
};

/// Whether something has come of it, or the agent goes on with it.
bool goes_on(manager_door& door, const std::string& name) {
  if (door.cut_short()) return true;
  const auto held = door.call("GET", certificate_path(name));
  return held && !shown(*held, "serial").empty();
}

/// The same, by the manager's exit status and the files that it writes.
bool came_of_it(int status, const std::filesystem::path& live) {
  std::error_code ignored;
  return status == static_cast<int>(outcome::done) || status == static_cast<int>(outcome::nothing_to_do) ||
         std::filesystem::exists(live, ignored);
}

/// Root gives the permission, the manager does the rest.
result<outcome> run_with_walls(const issue_options& o, const global_options& global) {
  const auto settings = load(global.config);
  if (!settings) return settings.error();
  const auto entries = wanted(*settings, o);
  if (!entries) return entries.error();
  std::function<result<void>()> reload;
  std::optional<permission> permitted;
  return by_manager(*settings, {.arguments = global.arguments,
                                .before = [&](const keeper_link& keys) -> result<void> {
                                  reload = [&keys] { return keys.reload(); };
                                  auto given = permission::give(*settings, entries->front(), reload);
                                  if (!given) return given.error();
                                  permitted.emplace(*std::move(given));
                                  return {};
                                },
                                .after =
                                    [&](const keeper_link&, int status) {
                                      if (came_of_it(status, settings->state.live / entries->front().name)) permitted->keep();
                                      permitted.reset();
                                    }});
}

}  // namespace

result<outcome> run(const issue_options& o, const global_options& global, output& out) {
  if (needs_errand(global)) return run_with_walls(o, global);
  auto door = manager_door::open(global, out, manager_door::purpose::to_change);
  if (!door) return door.error();
  const auto entries = wanted(door->settings(), o);
  if (!entries) return entries.error();
  const std::function<result<void>()> reload = [&]() -> result<void> {
    auto read = door->call("POST", "/v1/reload");
    return read ? result<void>{} : result<void>{read.error()};
  };
  auto permitted = permission::give(door->settings(), entries->front(), reload);  // of several, all are configured
  if (!permitted) return permitted.error();
  // Of what was configured already an agent may know older files than those that were read here.
  const bool configured = door->settings().find_certificate(entries->front().name) != nullptr;
  if (configured && !global.as_manager && control::client::connect(door->settings().agent.control))
    if (auto read = reload(); !read) return read.error();
  const auto issue = [&](const certificate_entry& entry) {
    return door->call("POST", certificate_path(entry.name, "/issue"), {{"force", o.force}, {"trace", global.verbose}});
  };
  if (entries->size() > 1) return issue_all(*entries, o.jobs, issue, out);
  const auto done = issue(entries->front());
  if (done || goes_on(*door, entries->front().name)) permitted->keep();
  if (!done) return done.error();
  const bool is_new = report(*done, out);
  out.print(is_new ? boost::json::array{done->at("certificate")} : boost::json::array{});
  return is_new ? outcome::done : outcome::nothing_to_do;
}

}  // namespace sealring::agent::cli

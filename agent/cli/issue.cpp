// sealring issue: certificates for the names given, or for all that are configured.

#include "agent/cli/by_manager.hpp"
#include "agent/config_writer.hpp"
#include "agent/domain.hpp"
#include "agent/file.hpp"
#include "agent/manager/deploy/deploy.hpp"
#include "agent/manager/deploy/supervisor_link.hpp"
#include "agent/supervisor/hand_over.hpp"
#include "agent/text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

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

void report(const workspace& w, const certificate& held, output& out) {
  out.say("issued   " + held.name + "  serial " + held.serial);
  out.say("expires  " + to_text(held.not_after));
  out.say("key      " + held.key_label + " (" + held.key_type + ", in the token)");
  out.say("files    " + (w.settings.state.live / held.name).string() + "/{cert,chain,fullchain,privkey,combined}.pem");
}

/// conf.d/NAME.toml is the operator's word that this certificate is wanted: the keeper makes keys for no other names, and it is
/// renewed from now on. Taken back unless something came of it.
class permission {
public:
  /// The keeper must outlive it.
  static result<permission> give(config& c, const certificate_entry& entry, const keeper_link& keys) {
    if (c.find_certificate(entry.name) != nullptr) return permission{{}, keys};
    if (auto written = write_certificate(c.file, entry); !written) return written.error();
    permission given{certificate_file(c.file, entry.name), keys};
    if (auto read = keys.reload(); !read) return read.error();
    c.certificates.push_back(entry);
    return given;
  }
  permission(permission&& other) noexcept : file_{std::exchange(other.file_, {})}, keys_{other.keys_} {}
  permission& operator=(permission&&) = delete;
  ~permission() {
    if (file_.empty()) return;
    std::error_code ignored;
    std::filesystem::remove(file_, ignored);
    static_cast<void>(keys_->reload());  // a keeper that has gone reads it anew when it comes back
  }
  void keep() { file_.clear(); }

private:
  permission(std::filesystem::path file, const keeper_link& keys) : file_{std::move(file)}, keys_{&keys} {}
  std::filesystem::path file_;
  const keeper_link* keys_;
};

/// Asks for the operator's commands: root's process where this is its manager, else ourselves.
result<void> bring_to_servers(const workspace& w, const certificate_entry& entry, const global_options& global, output& out) {
  out.progress("reloading servers");
  const auto pem = read_file(w.settings.state.live / entry.name / "cert.pem");
  if (!pem) return pem.error();
  const auto leaf = x509::read_certificates(*pem);
  if (!leaf) return fail(leaf.error(), "the certificate of " + entry.name);
  const auto with = [&](const commands& operators) {
    return deploy(w.settings, entry, leaf->front(), [&] { return operators.deploy(entry); });
  };
  if (!global.as_manager) return with(own_commands{{operators_files(w.settings.file)}});
  supervisor_link root{global.as_manager->links};
  const channel_reader reading{global.as_manager->links, root};
  return with(root);
}

result<certificate> obtain(workspace& w, const certificate_entry& entry, const keeper_link& keys, ca& authority,
                           const global_options& global, output& out) {
  auto held = issue(w.settings, entry, keys, w.state, authority, [&out](std::string_view doing) { out.progress(doing); });
  if (!held) return held;
  if (auto done = bring_to_servers(w, entry, global, out); !done) return done.error();
  return held;
}

/// The keeper makes an account's key of the type that the file has.
result<void> check_account_key(const workspace& w, const issue_options& o) {
  if (!o.account_key || *o.account_key == w.settings.account.key) return {};
  auto known = w.state.find_account(w.settings.ca.directory);
  if (!known) return known.error();
  if (*known) return {};
  return fail(condition::bad_input, "set key = " + quote(to_string(*o.account_key)) + " under [account] in " +
                                        w.settings.file.string() + ": the account's key is made as the file says");
}

/// What an agent's supervisor does for its manager, here for one of our own.
void give_to_servers(const config& c, const std::string& name, output& out) {
  std::error_code none;
  if (!std::filesystem::exists(c.state.live / name, none)) return;
  const auto manager = find_walls().manager;
  if (!manager) return;
  if (auto given = hand_over(c, *manager, name); !given) out.warn(given.error().what);
}

/// Root gives the permission, the manager does the rest.
result<outcome> run_with_walls(const issue_options& o, const global_options& global, output& out) {
  auto settings = load(global.config);
  if (!settings) return settings.error();
  const auto entries = wanted(*settings, o);
  if (!entries) return entries.error();
  std::optional<permission> permitted;
  return by_manager(*settings,
                    {.arguments = global.arguments,
                     .before = [&](const keeper_link& keys) -> result<void> {
                       auto given = permission::give(*settings, entries->front(), keys);
                       if (!given) return given.error();
                       permitted.emplace(*std::move(given));
                       return {};
                     },
                     .after =
                         [&](const keeper_link&, int status) {
                           // Also after a failure: of several some may have come.
                           for (const certificate_entry& entry : *entries) give_to_servers(*settings, entry.name, out);
                           // Nothing to do: an agent's manager has seen the new file and was faster.
                           if (status == static_cast<int>(outcome::done) || status == static_cast<int>(outcome::nothing_to_do))
                             permitted->keep();
                           permitted.reset();
                         }});
}

}  // namespace

result<outcome> run(const issue_options& o, const global_options& global, output& out) {
  if (has_walls(global)) return run_with_walls(o, global, out);
  auto w = workspace::open_locked(global, out);
  if (!w) return w.error();
  const auto entries = wanted(w->settings, o);
  if (!entries) return entries.error();
  std::vector<certificate_entry> due;
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  for (const certificate_entry& entry : *entries) {
    auto held = w->state.find_certificate(entry.name);
    if (!held) return held.error();
    if (*held && !o.force && serves(w->settings, **held, entry, now)) {
      out.say(entry.name + " is good until " + to_text((*held)->not_after) + "; --force issues it all the same");
    } else {
      due.push_back(entry);
    }
  }
  if (due.empty()) {
    out.print(boost::json::array{});
    return outcome::nothing_to_do;
  }

  if (auto good = check_account_key(*w, o); !good) return good.error();
  if (auto made = make_folders(w->settings.state.live); !made) return made.error();
  auto keys = w->open_keys(out);
  if (!keys) return keys.error();
  auto permitted = permission::give(w->settings, due.front(), *keys);  // of several, all are configured
  if (!permitted) return permitted.error();
  out.progress("reading " + w->settings.ca.directory);
  auto authority = ca::open(w->settings, *keys, w->state, trace_to(global, out));
  if (!authority) return authority.error();
  boost::json::array told;
  std::size_t failed = 0;
  for (const certificate_entry& entry : due) {
    auto held = obtain(*w, entry, *keys, *authority, global, out);
    if (!held && due.size() == 1) return held.error();
    if (!held) {  // one that fails does not keep the others from being issued
      ++failed;
      out.warn(entry.name + " was not issued: " + held.error().what);
      told.push_back({{"name", entry.name}, {"error", held.error().what}});
      continue;
    }
    permitted->keep();
    report(*w, *held, out);
    told.push_back(to_json(w->settings, *held));
  }
  out.print(told);
  return failed == 0 ? outcome::done : outcome::failed_in_part;
}

}  // namespace sealring::agent::cli

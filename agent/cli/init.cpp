// sealring init: from nothing to a checked configuration with an account. Run again, it checks what is there.

#include "agent/cli/by_manager.hpp"
#include "agent/config_writer.hpp"
#include "agent/manager/ca_origins.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace sealring::agent::cli {

namespace {

/// Each user's files in a folder of its own, as agent/systemd/tmpfiles.conf makes them.
void lay_out_with_walls(config& c) {
  const auto own = c.file.parent_path();
  const std::filesystem::path folder = own == "/etc/sealring" ? "/var/lib/sealring" : own;
  c.state.store = "sqlite3://" + (folder / "manager/state.db").string();
  c.state.live = folder / "manager/live";
  c.state.keeper = folder / "keeper";
  c.agent.audit = folder / "keeper/audit.log";
}

result<config> complete(const init_options& o, const global_options& global) {
  config c = default_config(global.config);
  c.hsm = o.wish.hsm;
  c.ca = o.wish.ca;
  c.account = o.wish.account;
  c.http01 = o.wish.http01;
  if (has_walls(global)) lay_out_with_walls(c);
  std::string missing;
  if (c.hsm.module.empty()) missing += " --module FILE";
  if (c.hsm.token.empty()) missing += " --token TOKEN";
  if (c.ca.directory.empty()) missing += " --directory URL";
  if (!missing.empty())
    return fail(condition::bad_input, "there is no " + c.file.string() + " yet; to write it, init needs" + missing);
  return c;
}

/// The configuration there is, or the one that was asked for.
result<config> settings_for(const init_options& o, const global_options& global, bool exists) {
  if (!exists) return complete(o, global);
  if (o.any_wish)
    return fail(
        condition::bad_input,
        global.config.string() + " exists already; edit it, then run 'sealring init' without these options to check it");
  return load(global.config);
}

/// A CA that is not only where the file says: what it uses, and the line that would allow it. True if that line is needed.
bool show_origins(const ca_origins& found, const config& c, output& out) {
  if (!found.redirected_to.empty()) out.say("redirect       " + c.ca.directory + " leads to " + found.redirected_to);
  boost::json::array foreign;
  for (const foreign_origin& one : found.foreign) {
    std::string resources;
    for (const std::string& resource : one.resources) resources += ' ' + resource;
    out.say("foreign        " + one.origin + " has" + resources);
    foreign.push_back(boost::json::object{{"origin", one.origin},
                                          {"resources", boost::json::array(one.resources.begin(), one.resources.end())}});
  }
  const auto named = check(found, c.ca, c.file);
  if (named) return false;
  out.say("If the CA is known to use them, put this under [ca] in " + c.file.string() + ", and run 'sealring init' again:");
  out.say(found.line);
  boost::json::object details{{"foreign_origins", foreign}, {"add", found.line}};
  if (!found.redirected_to.empty()) details["redirected_to"] = found.redirected_to;
  out.error(named.error(), std::move(details));
  return true;
}

/// As below, but the manager makes the account; then it only reads what we write here.
result<outcome> run_with_walls(const config& settings, const init_options& o, const global_options& global, bool exists) {
  const auto begin_again = [&](const failure& f) {
    std::error_code ignored;
    if (!exists) std::filesystem::remove(settings.file, ignored);
    return f;
  };
  if (!exists) {
    if (auto made = make_folders(settings.file.parent_path()); !made) return made.error();
    if (auto written = write_initial(settings); !written) return written.error();
  }
  const auto read = load(settings.file);
  if (!read) return begin_again(read.error());
  errand account{.arguments = {"init", "--config", settings.file.string()}, .retry_pin = o.retry_pin};
  for (const auto& [given, flag] : {std::pair{global.json, "--json"}, {global.verbose, "--verbose"}, {global.quiet, "--quiet"}})
    if (given) account.arguments.emplace_back(flag);
  auto ended = by_manager(*read, account);
  if (!ended) return begin_again(ended.error());
  return ended;
}

}  // namespace

result<outcome> run(const init_options& o, const global_options& global, output& out) {
  std::error_code unseen;
  const bool exists = std::filesystem::exists(global.config, unseen);
  if (unseen) return fail(condition::operator_needed, "cannot look for " + global.config.string() + ": " + unseen.message());
  auto settings = settings_for(o, global, exists);
  if (!settings) return settings.error();
  if (has_walls(global)) return run_with_walls(*settings, o, global, exists);
  auto w = workspace::open_locked(*std::move(settings), global, out);
  if (!w) return w.error();
  // The keeper reads the file, so it comes first; it goes again if the file cannot take an option, or token and PIN are no
  // good. A CA that is down, or wants its terms agreed to, costs nobody the typing.
  const auto begin_again = [&](const failure& f) {
    std::error_code ignored;
    if (!exists) std::filesystem::remove(w->settings.file, ignored);
    return f;
  };
  if (!exists) {
    if (auto written = write_initial(w->settings); !written) return written.error();
    if (auto read = load(w->settings.file); !read) return begin_again(read.error());
  }
  auto keys = w->open_keys(out, o.retry_pin);
  if (!keys) return begin_again(keys.error());
  out.progress("reading " + w->settings.ca.directory);
  const auto origins = ca::look(w->settings.ca, trace_to(global, out));
  if (!origins) return origins.error();
  if (show_origins(*origins, w->settings, out)) return outcome::failed_in_part;
  auto authority = ca::open(w->settings, w->settings.ca, *keys, w->state, trace_to(global, out));
  if (!authority) return authority.error();

  out.say("configuration  " + w->settings.file.string());
  out.say("token          " + text_of(keys->token()));
  out.say("CA             " + w->settings.ca.directory);
  out.say("account        " + authority->record().url + (authority->account_is_new() ? " (new)" : ""));
  out.say("account key    " + authority->key().label + " (" + authority->key().type + ", in the token)");
  out.say("Next: sealring --config " + w->settings.file.string() + " issue -d NAME");
  out.print(
      boost::json::object{{"configuration", w->settings.file.string()},
                          {"token", boost::json::object{{"label", keys->token().label}, {"serial", keys->token().serial}}},
                          {"directory", w->settings.ca.directory},
                          {"redirected_to", origins->redirected_to.empty() ? boost::json::value(nullptr)
                                                                           : boost::json::value(origins->redirected_to)},
                          {"account", authority->record().url},
                          {"created", authority->account_is_new()}});
  return outcome::done;
}

}  // namespace sealring::agent::cli

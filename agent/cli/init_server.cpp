// sealring init --openssl-conf, sealring init --server: what an operator puts into a server's files. They print, and do
// nothing.

#include "agent/cli/command_line.hpp"
#include "agent/cli/provider_settings.hpp"
#include "agent/cli/servers.hpp"
#include "agent/text.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <sstream>

namespace sealring::agent::cli {

namespace {

void say_lines(const std::string& text, output& out) {
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);) out.say(line);
}

/// The one that is meant: by its name, or because there is no other.
result<const certificate_entry*> choose(const config& c, const std::string& name) {
  if (name.empty() && c.certificates.size() == 1) return &c.certificates.front();
  if (const certificate_entry* const found = c.find_certificate(name)) return found;
  std::string known;
  for (const certificate_entry& one : c.certificates) (known += known.empty() ? "; there are: " : ", ") += one.name;
  if (known.empty()) known = "; 'sealring issue -d NAME' adds one";
  return fail(condition::bad_input,
              (name.empty() ? "name a certificate with --name" : "no certificate " + quote(name) + " is configured") + known);
}

}  // namespace

result<outcome> run(const init_openssl_options&, const global_options& global, output& out) {
  const auto settings = load(global.config);
  if (!settings) return settings.error();
  const auto provider = find_provider();
  if (!provider) return provider.error();
  const std::string text = openssl_conf(*settings, *provider, agent_of(*settings));
  say_lines(text, out);
  out.print(boost::json::value{{"module", provider->string()}, {"text", text}});
  return outcome::done;
}

result<outcome> run(const init_server_options& o, const global_options& global, output& out) {
  const auto settings = load(global.config);
  if (!settings) return settings.error();
  const auto wanted = choose(*settings, o.name);
  if (!wanted) return wanted.error();
  const server_kind& kind = *find_server(o.server);  // which the command line has checked
  const std::string text = snippet(kind, **wanted, *settings);
  say_lines(text, out);
  out.print(boost::json::value{{"server", kind.name}, {"name", (*wanted)->name}, {"user", kind.user}, {"text", text}});
  return outcome::done;
}

}  // namespace sealring::agent::cli

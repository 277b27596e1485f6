// sealring key reference: what stands in a key's file instead of the key.

#include "agent/client/key_reference.hpp"
#include "agent/cli/by_manager.hpp"
#include "agent/text.hpp"

#include <boost/json/value.hpp>

#include <sstream>

namespace sealring::agent::cli {

result<outcome> run(const key_reference_options& o, const global_options& global, output& out) {
  if (has_walls(global)) return by_manager(global, errand{.arguments = global.arguments});
  auto w = workspace::open(global);
  if (!w) return w.error();
  auto keys = w->open_keys(out);
  if (!keys) return keys.error();
  auto current = keys->current(o.name);
  if (!current) return current.error();
  if (!*current)
    return fail(condition::bad_input, "there is no key " + quote(o.name) +
                                          " in use; 'sealring key generate' makes that of a "
                                          "[[key]], 'sealring issue' that of a certificate");
  auto pem = client::to_pem({o.name, w->settings.agent.listen, keys->agent(), (*current)->spki});
  if (!pem) return fail(pem.error().code, pem.error().text);
  out.print(boost::json::value{{"name", o.name}, {"label", (*current)->label}, {"id", (*current)->id}, {"pem", *pem}});
  std::istringstream lines{*pem};
  for (std::string line; std::getline(lines, line);) out.say(line);
  return outcome::done;
}

}  // namespace sealring::agent::cli

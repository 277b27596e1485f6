// sealring key generate: a key without a certificate. sealring key reference: what stands in a key's file instead of the key.

#include "agent/client/key_reference.hpp"
#include "agent/cli/by_manager.hpp"
#include "agent/manager/fresh_key.hpp"
#include "agent/text.hpp"

#include <boost/json/value.hpp>

#include <algorithm>
#include <sstream>

namespace sealring::agent::cli {

namespace {

/// The one in use under this name; nothing if there is none.
result<std::optional<wire::key_facts>> current_key(const keeper_link& keys, const std::string& name) {
  auto all = keys.list();
  if (!all) return all.error();
  const auto found = std::ranges::find_if(
      *all, [&](const wire::key_facts& k) { return k.name == name && k.state == wire::key_state::current; });
  if (found == all->end()) return std::optional<wire::key_facts>{};
  if (found->spki.empty())
    return fail(condition::operator_needed, "key " + quote(name) + " is in the token and cannot be used");
  return std::optional{std::move(*found)};
}

}  // namespace

result<outcome> run(const key_generate_options& o, const global_options& global, output& out) {
  if (has_walls(global)) return by_manager(global, errand{.arguments = global.arguments});
  auto w = workspace::open_locked(global, out);
  if (!w) return w.error();
  const auto entry = std::ranges::find(w->settings.keys, o.name, &key_entry::name);
  if (entry == w->settings.keys.end()) {
    const bool certificate = w->settings.find_certificate(o.name) != nullptr;
    return fail(condition::bad_input, certificate ? quote(o.name) + " is a certificate: 'sealring issue' makes its keys"
                                                  : "the configuration has no [[key]] " + quote(o.name) + "; add one to " +
                                                        w->settings.file.string() + ", with name, type and peers");
  }
  auto keys = w->open_keys(out);
  if (!keys) return keys.error();
  auto current = current_key(*keys, o.name);
  if (!current) return current.error();
  if (*current && !o.force) {
    out.say("key " + o.name + " is there: " + (*current)->label + "; --force makes another in its place");
    out.print(boost::json::value{nullptr});
    return outcome::nothing_to_do;
  }
  out.progress("generating a " + std::string{to_string(entry->type)} + " key in the token");
  auto made = fresh_key::make(*keys, w->state, o.name);
  if (!made) return made.error();
  if (auto adopted = made->adopt(); !adopted) return adopted.error();
  const held_key& key = made->key();
  out.say("key      " + key.label + " (" + key.type + ", in the token)");
  out.say("Next: sealring --config " + w->settings.file.string() + " key reference " + o.name + " > " + o.name + ".pem");
  out.print(boost::json::value{{"name", o.name}, {"label", key.label}, {"id", key.id}, {"type", key.type}});
  return outcome::done;
}

result<outcome> run(const key_reference_options& o, const global_options& global, output& out) {
  if (has_walls(global)) return by_manager(global, errand{.arguments = global.arguments});
  auto w = workspace::open(global);
  if (!w) return w.error();
  auto keys = w->open_keys(out);
  if (!keys) return keys.error();
  auto current = current_key(*keys, o.name);
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

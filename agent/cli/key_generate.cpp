// sealring key generate: a key without a certificate, as a [[key]] entry has it.

#include "agent/cli/by_manager.hpp"
#include "agent/manager/fresh_key.hpp"
#include "agent/text.hpp"

#include <boost/json/value.hpp>

#include <algorithm>

namespace sealring::agent::cli {

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
  auto current = keys->current(o.name);
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

}  // namespace sealring::agent::cli

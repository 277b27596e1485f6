// sealring account show: the account as we know it, and whether the CA knows it too.

#include "agent/cli/by_manager.hpp"
#include "sealring/jose/jwk.hpp"

#include <boost/json/value.hpp>

namespace sealring::agent::cli {

result<outcome> run(const account_show_options&, const global_options& global, output& out) {
  if (has_walls(global)) return by_manager(global, errand{.arguments = global.arguments, .needs_keeper = true});
  auto w = workspace::open(global);
  if (!w) return w.error();
  auto known = w->state.find_account(w->settings.ca.directory);
  if (!known) return known.error();
  if (!*known)
    return fail(condition::operator_needed,
                "there is no account at " + w->settings.ca.directory + " yet; 'sealring init' makes one");
  auto keys = w->open_keys(out);
  if (!keys) return keys.error();
  auto found = keys->list();
  if (!found) return found.error();
  const auto key = std::ranges::find((*found), (*known)->key_id, &wire::key_facts::id);
  if (key == found->end())
    return fail(condition::operator_needed, "the account's key " + (*known)->key_label + " is not in the token");
  auto public_key = from_spki(key->spki);
  if (!public_key) return fail(public_key.error(), "the account's public key");
  auto thumbprint = jose::thumbprint(*public_key);
  if (!thumbprint) return fail(thumbprint.error(), "hashing the account key");

  std::string status = (*known)->status;
  auto authority = ca::open(w->settings, *keys, w->state, trace_to(global, out));
  auto answer = authority ? authority->ask_status() : result<std::string>{authority.error()};
  if (answer) status = *answer;
  else out.warn("the CA does not confirm the account: " + answer.error().what);
  out.table({}, {{"directory", (*known)->directory},
                 {"account", (*known)->url},
                 {"status", status},
                 {"key", key->type + ", label " + key->label + ", id " + key->id},
                 {"thumbprint", *thumbprint}});
  out.print(boost::json::object{
      {"directory", (*known)->directory},
      {"url", (*known)->url},
      {"status", status},
      {"contact", boost::json::array((*known)->contact.begin(), (*known)->contact.end())},
      {"key", boost::json::object{{"label", key->label}, {"id", key->id}, {"type", key->type}, {"uri", key->uri}}},
      {"thumbprint", *thumbprint}});
  return outcome::done;
}

}  // namespace sealring::agent::cli

// sealring revoke: by the account's key, or by the certificate's own.

#include "agent/cli/by_manager.hpp"
#include "agent/file.hpp"
#include "agent/text.hpp"
#include "sealring/acme/revocation.hpp"

#include <boost/json/value.hpp>

namespace sealring::agent::cli {

namespace {

/// CRLReason's number (RFC 5280 section 5.3.1).
result<std::optional<int>> reason_of(const std::string& name) {
  if (name.empty()) return std::optional<int>{};
  std::string known;
  for (const acme::named_reason& r : acme::revocation_reasons) {
    if (r.name == name) return std::optional{static_cast<int>(r.reason)};
    (known += known.empty() ? "" : ", ") += r.name;
  }
  return fail(condition::bad_input, "unknown reason " + quote(name) + "; choose from " + known);
}

result<x509::certificate> read_leaf(const std::filesystem::path& file) {
  auto text = read_file(file);
  if (!text) return text.error();
  auto chain = x509::read_certificates(*text);
  if (!chain) return fail(chain.error(), file.string());
  return std::move(chain->front());
}

/// RFC 8555 section 7.6: it bars the key for ever, so the keeper wants an operator's word, and whoever runs this gives it.
result<void> approve_key_compromise(const std::string& name, const x509::certificate& leaf, const keeper_link& keys) {
  const auto hashed = hash<sha256>(leaf.der());
  if (!hashed) return fail(hashed.error(), "hashing the certificate");
  return keys.approve("revoke-key-compromise", name, {to_hex(hashed->view())});
}

bool is_key_compromise(const std::optional<int>& reason) {
  return reason == static_cast<int>(acme::revocation_reason::key_compromise);
}

/// Root gives the approval, where one is needed, and the manager does the rest. If there is no certificate, that is the
/// manager's to say.
result<outcome> run_with_walls(const revoke_options& o, const std::optional<int>& reason, const global_options& global) {
  const auto settings = load(global.config);
  if (!settings) return settings.error();
  errand revoking{.arguments = global.arguments};
  const auto leaf = read_leaf(settings->state.live / o.name / "cert.pem");
  if (is_key_compromise(reason) && leaf)
    revoking.before = [&](const keeper_link& keys) { return approve_key_compromise(o.name, *leaf, keys); };
  return by_manager(*settings, revoking);
}

}  // namespace

result<outcome> run(const revoke_options& o, const global_options& global, output& out) {
  const auto reason = reason_of(o.reason);
  if (!reason) return reason.error();
  if (has_walls(global)) return run_with_walls(o, *reason, global);
  auto w = workspace::open_locked(global, out);
  if (!w) return w.error();
  auto held = find_held(*w, o.name);
  if (!held) return held.error();
  if (held->status == certificate_status::revoked) {
    out.say(o.name + " (serial " + held->serial + ") was revoked at " + to_text(held->revoked_at.value_or(held->issued_at)));
    out.print(to_json(w->settings, *held));
    return outcome::nothing_to_do;
  }
  if (held->directory != w->settings.ca.directory)
    return fail(condition::bad_input,
                o.name + " was issued by " + held->directory + "; set that as [ca] directory to revoke it");
  if (!is_live(w->settings, *held))
    return fail(condition::operator_needed, "the files in live/" + o.name + " are not those of serial " + held->serial +
                                                "; run 'sealring issue --name " + o.name + "' first");
  const auto leaf = read_leaf(w->settings.state.live / o.name / "cert.pem");
  if (!leaf) return leaf.error();
  auto keys = w->open_keys(out);
  if (!keys) return keys.error();
  auto authority = ca::open(w->settings, *keys, w->state, trace_to(global, out));
  if (!authority) return authority.error();
  if (is_key_compromise(*reason) && !global.as_manager) {
    if (auto approved = approve_key_compromise(held->name, *leaf, *keys); !approved) return approved.error();
  }
  out.progress("revoking " + held->serial);
  std::optional<held_key> own_key;
  if (o.by_certificate_key) {
    const auto public_key = from_spki(leaf->spki());
    if (!public_key) return fail(public_key.error(), "the public key of " + held->serial);
    auto signer = keys->signer_of(held->name, *public_key);
    if (!signer) return signer.error();
    own_key = held_key{held->name, held->key_label, held->key_id, held->key_type, {}, *std::move(signer)};
  }
  if (auto revoked = authority->revoke(leaf->der(), *reason, own_key ? &*own_key : nullptr); !revoked) return revoked.error();
  held->status = certificate_status::revoked;
  held->revoked_at = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  held->revocation_reason = *reason;
  if (auto put = w->state.put(*held); !put) return put.error();
  out.say("revoked  " + held->name + "  serial " + held->serial);
  out.say("Servers still present it: 'sealring issue --name " + held->name + "' replaces it.");
  out.print(to_json(w->settings, *held));
  return outcome::done;
}

}  // namespace sealring::agent::cli

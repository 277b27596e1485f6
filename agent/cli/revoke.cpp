// sealring revoke: by the account's key, or by the certificate's own.

#include "agent/cli/by_manager.hpp"
#include "agent/cli/manager_door.hpp"
#include "agent/cli/shown.hpp"
#include "agent/domain.hpp"
#include "agent/file.hpp"
#include "agent/text.hpp"
#include "sealring/acme/revocation.hpp"

#include <boost/json/array.hpp>

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
  return keys.approve("revoke-key-compromise", name, {to_hex(hashed->view())}, std::chrono::hours{24});  // the CA may be down
}

bool is_key_compromise(const std::optional<int>& reason) {
  return reason == static_cast<int>(acme::revocation_reason::key_compromise);
}

/// The certificate in live/NAME, and an approval to bar its key, where one is needed. If there is no certificate, that is the
/// manager's to say.
result<void> approve_if_needed(const config& c, const std::string& name, const std::optional<int>& reason,
                               const keeper_link& keys) {
  const auto leaf = is_key_compromise(reason) ? read_leaf(c.state.live / name / "cert.pem")
                                              : result<x509::certificate>{fail(condition::bad_input, "")};
  return leaf ? approve_key_compromise(name, *leaf, keys) : result<void>{};
}

std::vector<std::string> names_of(const revoke_options& o, const config& c) {
  if (!o.all) return {o.name};
  std::vector<std::string> names;
  names.reserve(c.certificates.size());
  for (const certificate_entry& entry : c.certificates) names.push_back(entry.name);
  return names;
}

/// Of those too that are not configured any more.
result<std::vector<std::string>> held_names(const revoke_options& o, manager_door& door) {
  if (!o.all) return std::vector{o.name};
  const auto all = door.call("GET", "/v1/certificates");
  if (!all) return all.error();
  std::vector<std::string> names;
  for (const boost::json::value& one : all->as_array()) names.push_back(shown(one, "name"));
  return names;
}

boost::json::object body_of(const revoke_options& o, const std::optional<int>& reason) {
  boost::json::object body{{"by_certificate_key", o.by_certificate_key}, {"replace", o.replace}};
  if (reason) body["reason"] = *reason;
  return body;
}

void report(const boost::json::value& held, output& out) {
  out.say("revoked  " + shown(held, "name") + "  serial " + shown(held, "serial"));
}

result<outcome> revoke_all(const revoke_options& o, const std::optional<int>& reason, manager_door& door, output& out) {
  const auto done = door.call("POST", "/v1/revoke", body_of(o, reason));
  if (!done) return done.error();
  for (const boost::json::value& one : done->at("revoked").as_array()) report(one, out);
  const auto& failed = done->at("failed").as_array();
  for (const boost::json::value& one : failed) out.warn(shown(one, "name") + " was not revoked: " + shown(one, "error"));
  out.print(*done);
  if (!failed.empty()) return outcome::failed_in_part;
  return done->at("revoked").as_array().empty() ? outcome::nothing_to_do : outcome::done;
}

}  // namespace

result<outcome> run(const revoke_options& o, const global_options& global, output& out) {
  const auto reason = reason_of(o.reason);
  if (!reason) return reason.error();
  if (auto good = o.all ? result<void>{} : check_name(o.name); !good) return good.error();
  if (needs_errand(global)) {
    const auto settings = load(global.config);
    if (!settings) return settings.error();
    return by_manager(*settings, errand{.arguments = global.arguments, .before = [&](const keeper_link& keys) -> result<void> {
                                          for (const std::string& name : names_of(o, *settings))
                                            if (auto given = approve_if_needed(*settings, name, *reason, keys); !given)
                                              return given;
                                          return {};
                                        }});
  }
  auto door = manager_door::open(global, out, manager_door::purpose::to_change);
  if (!door) return door.error();
  if (is_key_compromise(*reason) && !global.as_manager) {
    const auto keys = door->keys();
    if (!keys) return keys.error();
    const auto names = held_names(o, *door);
    if (!names) return names.error();
    for (const std::string& name : *names)
      if (auto given = approve_if_needed(door->settings(), name, *reason, **keys); !given) return given.error();
  }
  if (o.all) return revoke_all(o, *reason, *door, out);
  auto body = body_of(o, *reason);
  body["trace"] = global.verbose;
  const auto done = door->call("POST", certificate_path(o.name, "/revoke"), body);
  if (!done) return done.error();
  const auto& held = done->at("certificate");
  if (!done->at("revoked").as_bool()) {
    out.say(o.name + " (serial " + shown(held, "serial") + ") was revoked at " + shown_time(held, "revoked_at"));
    out.print(held);
    return outcome::nothing_to_do;
  }
  report(held, out);
  if (!o.replace) out.say("Servers still present it: 'sealring issue --name " + o.name + "' replaces it.");
  out.print(held);
  return outcome::done;
}

}  // namespace sealring::agent::cli

#include "agent/cli/workspace.hpp"

#include "agent/manager/fresh_key.hpp"
#include "agent/text.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <ctime>

namespace sealring::agent::cli {

namespace {


std::optional<int> link_of(const global_options& global) {
  if (!global.as_manager) return std::nullopt;
  return global.as_manager->link;
}

}  // namespace

std::filesystem::path workspace::folder(const config& c) { return c.state.live.parent_path(); }

result<workspace> workspace::open(const global_options& global) {
  auto settings = load(global.config);
  if (!settings) return settings.error();
  auto state = store::open(settings->state.store);
  if (!state) return state.error();
  return workspace{*std::move(settings), *std::move(state), {}, link_of(global)};
}

result<workspace> workspace::open_locked(const global_options& global, output& out) {
  auto settings = load(global.config);
  if (!settings) return settings.error();
  return open_locked(*std::move(settings), global, out);
}

result<workspace> workspace::open_locked(config settings, const global_options& global, output& out) {
  if (auto made = make_folders(folder(settings), 0755); !made) return made.error();
  const auto path = folder(settings) / "lock";
  auto lock = file_lock::take(path, std::chrono::milliseconds{0});
  if (!lock && lock.error().code == condition::retry_later) {
    out.progress("waiting for another sealring to finish");
    lock = file_lock::take(path, std::chrono::minutes{2});
  }
  if (!lock) return lock.error();
  auto state = store::open(settings.state.store);
  if (!state) return state.error();
  return workspace{std::move(settings), *std::move(state), *std::move(lock), link_of(global)};
}

result<keeper_link> workspace::open_keys(output& out, bool retry_pin) {
  out.progress("opening the token");
  auto keys = !link        ? keeper_link::open(settings, retry_pin)
              : *link >= 0 ? keeper_link::on(descriptor{*std::exchange(link, -1)})
                           : keeper_link::join(settings);
  if (!keys || !lock) return keys;
  auto destroyed = settle_leftovers(*keys, state);
  if (!destroyed) out.warn("what an interrupted run left cannot be settled yet: " + destroyed.error().what);
  else if (*destroyed > 0)
    out.warn("destroyed " + std::to_string(*destroyed) + " key(s) that an interrupted run left in the token");
  return keys;
}

result<certificate> find_held(const workspace& w, const std::string& name) {
  auto held = w.state.find_certificate(name);
  if (!held) return held.error();
  if (*held) return **std::move(held);
  auto all = w.state.certificates();
  if (!all) return all.error();
  std::string known;
  for (const certificate& one : *all) (known += known.empty() ? "; there are: " : ", ") += one.name;
  return fail(condition::bad_input,
              "no certificate " + quote(name) + (known.empty() ? "; 'sealring issue' obtains one" : known));
}

reporter trace_to(const global_options& global, output& out) {
  if (!global.verbose) return {};
  return [&out](std::string_view line) { out.trace(line); };
}

std::string to_text(std::chrono::sys_seconds when) { return formatted(when, "%F %T UTC"); }
std::string to_rfc3339(std::chrono::sys_seconds when) { return formatted(when, "%FT%TZ"); }

boost::json::object to_json(const config& c, const certificate& held) {
  boost::json::object o{{"name", held.name},
                        {"domains", boost::json::array(held.domains.begin(), held.domains.end())},
                        {"status", held.status == certificate_status::issued ? "issued" : "revoked"},
                        {"directory", held.directory},
                        {"serial", held.serial},
                        {"not_before", to_rfc3339(held.not_before)},
                        {"not_after", to_rfc3339(held.not_after)},
                        {"issued_at", to_rfc3339(held.issued_at)},
                        {"key", boost::json::object{{"label", held.key_label}, {"id", held.key_id}, {"type", held.key_type}}},
                        {"live", (c.state.live / held.name).string()}};
  if (held.revoked_at) o["revoked_at"] = to_rfc3339(*held.revoked_at);
  if (held.revocation_reason) o["revocation_reason"] = *held.revocation_reason;
  return o;
}

}  // namespace sealring::agent::cli

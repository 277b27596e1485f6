#include "agent/cli/workspace.hpp"

#include "agent/control/client.hpp"

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
  if (!global.as_manager && control::client::connect(settings.agent.control)) {  // the agent has the lock as long as it runs
    auto state = store::open(settings.state.store);
    if (!state) return state.error();
    return workspace{std::move(settings), *std::move(state), {}, {}};
  }
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
  auto destroyed = settle_leftovers(settings, *keys, state);
  if (!destroyed) out.warn("what an interrupted run left cannot be settled yet: " + destroyed.error().what);
  else if (*destroyed > 0)
    out.warn("destroyed " + std::to_string(*destroyed) + " key(s) that an interrupted run left in the token");
  return keys;
}

reporter trace_to(const global_options& global, output& out) {
  if (!global.verbose) return {};
  return [&out](std::string_view line) { out.trace(line); };
}

}  // namespace sealring::agent::cli

// sealring agent: the supervisor, which keeps the keeper running. And, for its use alone, sealring keeper.

#include "agent/cli/workspace.hpp"
#include "agent/keeper/keeper.hpp"
#include "agent/supervisor/keeper_start.hpp"
#include "agent/supervisor/listeners.hpp"
#include "agent/supervisor/supervisor.hpp"

namespace sealring::agent::cli {

namespace {

/// A status that no other outcome has: it is the role's own.
outcome as_outcome(int status) { return static_cast<outcome>(status); }

}  // namespace

result<outcome> run(const keeper_options& o, const global_options& global, output&) {
  auto descriptors = parse_descriptors(o.descriptors);
  if (!descriptors) return descriptors.error();
  return as_outcome(run_keeper({global.config, o.owner, *std::move(descriptors), o.retry_pin}));
}

result<outcome> run(const agent_options&, const global_options& global, output& out) {
  auto settings = load(global.config);
  if (!settings) return settings.error();
  const walls users = find_walls();
  out.warn(users.says);
  auto activated = take_activated();
  if (!activated) return activated.error();
  auto listeners = open_listeners(settings->agent.listen, std::move(activated->sign));
  if (!listeners) return listeners.error();
  auto keeper = plan_keeper(*settings, users);
  if (!keeper) return keeper.error();
  keeper->listeners = numbers(*listeners);
  supervisor_plan plan;
  plan.keeper = *std::move(keeper);
  plan.log = [&out](std::string_view line) { out.warn(line); };
  return as_outcome(agent::run(plan));
}

}  // namespace sealring::agent::cli

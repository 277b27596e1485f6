// sealring agent: the supervisor, which keeps keeper and manager running. And, for its use alone, sealring manager.

#include "agent/cli/by_manager.hpp"
#include "agent/manager/manager.hpp"
#include "agent/supervisor/keeper_start.hpp"
#include "agent/supervisor/listeners.hpp"
#include "agent/supervisor/manager_start.hpp"
#include "agent/supervisor/supervisor.hpp"

#include <csignal>

namespace sealring::agent::cli {

namespace {

/// A status that no other outcome has: it is the role's own.
outcome as_outcome(int status) { return static_cast<outcome>(status); }

}  // namespace

result<outcome> run(const manager_options& o, const global_options& global, output&) {
  auto descriptors = parse_descriptors(o.descriptors);
  if (!descriptors) return descriptors.error();
  return as_outcome(run_manager({global.config, *std::move(descriptors)}));
}

result<outcome> run(const agent_options&, const global_options& global, output& out) {
  // Whoever asks us to read the files again before we listen shall not end us.
  sigset_t later;
  ::sigemptyset(&later);
  ::sigaddset(&later, SIGHUP);
  ::pthread_sigmask(SIG_BLOCK, &later, nullptr);
  auto settings = load(global.config);
  if (!settings) return settings.error();
  const walls users = find_walls();
  const auto log = [&out](std::string_view line) { out.trace("sealring: " + std::string{line}); };
  if (users.separate) log(users.says);
  else out.warn(users.says);
  auto activated = take_activated();
  if (!activated) return activated.error();
  auto listeners = open_listeners(settings->agent.listen, std::move(activated->sign));
  if (!listeners) return listeners.error();
  auto control = open_listeners({settings->agent.control.string()}, std::move(activated->control), control_access());
  if (!control) return control.error();
  auto manager = plan_manager(*settings, users);
  if (!manager) return manager.error();
  auto keeper = plan_keeper(*settings, users);
  if (!keeper) return keeper.error();
  keeper->listeners = numbers(*listeners);
  manager->listeners = numbers(*control);
  supervisor_plan plan;
  plan.keeper = *std::move(keeper);
  plan.manager = *std::move(manager);
  plan.log = log;
  plan.commands = servant_plan{operators_files(global.config), users.manager, log};
  return as_outcome(agent::run(plan));
}

}  // namespace sealring::agent::cli

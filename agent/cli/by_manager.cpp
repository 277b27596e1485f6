#include "agent/cli/by_manager.hpp"

#include "agent/keeper/operator_files.hpp"
#include "agent/supervisor/links.hpp"
#include "agent/supervisor/manager_start.hpp"
#include "agent/text.hpp"

#include <algorithm>
#include <cerrno>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>

namespace sealring::agent::cli {

namespace {

using namespace std::chrono_literals;

/// One command at a time may start a keeper of its own. The lock of those that have no walls is in the manager's folder, where
/// root does not write; this one is on the configuration itself.
result<descriptor> take_turn(const std::filesystem::path& file) {
  descriptor turn{::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
  if (!turn) return system_failure(errno, "cannot open " + quote(file.string()));
  const auto until = std::chrono::steady_clock::now() + 2min;
  while (::flock(turn.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return system_failure(errno, "cannot lock " + quote(file.string()));
    if (std::chrono::steady_clock::now() >= until)
      return fail(condition::retry_later,
                  "another sealring is at work on " + quote(file.string()) + "; try again when it has ended");
    std::this_thread::sleep_for(20ms);
  }
  return turn;
}

/// The manager asks for the operator's commands meanwhile, as it does of a supervisor.
result<int> run_to_end(const config& settings, const child_plan& plan, descriptor link) {
  auto channel = socket_pair(SOCK_SEQPACKET);
  if (!channel) return channel.error();
  auto manager = child::start(plan, {std::move(link), std::move(channel->second)});
  if (!manager) return manager.error();
  servant commands{{operators_files(settings.file), plan.as, {}}};
  auto& ours = channel->first;
  while (true) {
    if (ours && !commands.hear(ours.get())) {
      commands.forget();
      ours.reset();
    }
    commands.work(servant::clock::now());
    if (const auto ended = manager->wait(0ms)) {
      if (ended->signal == 0) return ended->status;
      return fail(condition::retry_later, "the manager " + ended->text() + " before it was done");
    }
    const auto its = commands.waits_for();
    pollfd poll[]{{manager->pidfd(), POLLIN, 0}, {ours.get(), POLLIN, 0}, its[0], its[1]};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(commands.deadline() - servant::clock::now()).count();
    static_cast<void>(::poll(poll, std::size(poll), static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000))));
  }
}

/// With a keeper, an agent's or one of our own.
result<int> run_with_keeper(const config& settings, const child_plan& plan, const errand& what) {
  auto turn = take_turn(settings.file);
  if (!turn) return turn.error();
  const auto keeper = keeper_link::open(settings, what.retry_pin);
  if (!keeper) return keeper.error();
  auto link = keeper->link_for(*plan.as);
  if (!link) return link.error();
  if (!*link) turn->reset();  // an agent's keeper is there for all
  if (what.before)
    if (auto done = what.before(*keeper); !done) return done.error();
  auto status = run_to_end(settings, plan, *std::move(link));
  if (what.after) what.after(*keeper, status ? *status : 1);
  return status;
}

}  // namespace

bool has_walls(const global_options& global) { return !global.as_manager && find_walls().separate; }

std::function<result<config>()> operators_files(const std::filesystem::path& file) {
  return [file] { return load_trusted(file, ::geteuid()); };
}

result<outcome> by_manager(const config& settings, const errand& what) {
  auto plan = plan_manager(settings, find_walls());
  if (!plan) return plan.error();
  plan->arguments = {"sealring"};
  plan->arguments.insert(plan->arguments.end(), what.arguments.begin(), what.arguments.end());
  const auto status = what.needs_keeper ? run_with_keeper(settings, *plan, what) : run_to_end(settings, *plan, {});
  if (!status) return status.error();
  return static_cast<outcome>(*status);
}

result<outcome> by_manager(const global_options& global, const errand& what) {
  const auto settings = load(global.config);
  if (!settings) return settings.error();
  return by_manager(*settings, what);
}

}  // namespace sealring::agent::cli

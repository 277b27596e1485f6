#include "agent/cli/by_manager.hpp"

#include "agent/supervisor/manager_start.hpp"
#include "agent/text.hpp"

#include <cerrno>
#include <thread>

#include <fcntl.h>
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

result<int> await(child& manager) {
  while (true) {
    const auto ended = manager.wait(1h);
    if (!ended) continue;
    if (ended->signal == 0) return ended->status;
    return fail(condition::retry_later, "the manager " + ended->text() + " before it was done");
  }
}

}  // namespace

bool has_walls(const global_options& global) { return !global.as_manager && find_walls().separate; }

result<outcome> by_manager(const config& settings, const errand& what) {
  const walls users = find_walls();
  auto plan = plan_manager(settings, users);
  if (!plan) return plan.error();
  plan->name = "manager";
  plan->arguments = what.arguments;
  std::optional<keeper_link> keeper;
  descriptor turn;
  child_ends ends;
  if (what.needs_keeper) {
    auto taken = take_turn(settings.file);
    if (!taken) return taken.error();
    auto opened = keeper_link::open(settings, what.retry_pin);
    if (!opened) return opened.error();
    keeper.emplace(*std::move(opened));
    if (what.before)
      if (auto done = what.before(*keeper); !done) return done.error();
    auto link = keeper->link_for(*users.manager);
    if (!link) return link.error();
    if (*link) turn = *std::move(taken);  // an agent's keeper is there for all
    ends.link = *std::move(link);
  }
  auto manager = child::start(*plan, std::move(ends));
  if (!manager) return manager.error();
  const auto status = await(*manager);
  if (what.after && keeper) what.after(*keeper, status ? *status : 1);
  if (!status) return status.error();
  return static_cast<outcome>(*status);
}

result<outcome> by_manager(const global_options& global, const errand& what) {
  const auto settings = load(global.config);
  if (!settings) return settings.error();
  return by_manager(*settings, what);
}

}  // namespace sealring::agent::cli

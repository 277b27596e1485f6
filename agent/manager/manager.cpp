#include "agent/manager/manager.hpp"

#include "agent/control/api.hpp"
#include "agent/control/operators.hpp"
#include "agent/control/server.hpp"
#include "agent/file.hpp"
#include "agent/manager/deploy/supervisor_link.hpp"
#include "agent/manager/keeper_door.hpp"
#include "agent/manager/numbers.hpp"
#include "agent/memory.hpp"
#include "agent/metrics/listener.hpp"
#include "agent/supervisor/harden.hpp"
#include "agent/supervisor/heartbeat.hpp"
#include "agent/supervisor/links.hpp"
#include "agent/supervisor/manager_start.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <iostream>
#include <thread>

namespace sealring::agent {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

/// A command that is typed as the agent starts goes first, and the network may still be coming up. SIGHUP is a reason to look
/// at once.
constexpr auto first_look = 30s;
/// A command that has written a new name into the files issues it next, and wants to see how that goes.
constexpr auto issue_follows = 5s;
/// A keeper that has died is replaced sooner than this.
constexpr auto keeper_patience = 30s;
/// For what is under way when we are told to stop. What is not done by then, the next start takes up.
constexpr auto last_patience = 2s;
/// For what was cut short: an earlier process's, or a CA's that did not answer.
constexpr auto between_rounds = 10min;
/// The first look at all certificates is the most that is done at once: what it needed is given back soon.
constexpr auto second_round = 1min;
/// After a store that could not be read: a full disk, say.
constexpr auto without_store = 1min;
/// Certificates that are looked after at once: most of the time each waits for its CA.
constexpr int workers = 4;

void log_line(std::string_view line) { std::cerr << "sealring manager: " + std::string{line} + "\n" << std::flush; }

/// Whether another process has to be started, since walls once put up stay as they are.
bool same_walls(const config& a, const config& b) {
  return a.state == b.state && a.ca.ca_file == b.ca.ca_file && a.ca.eab_key_file == b.ca.eab_key_file &&
         a.fallback == b.fallback && a.http01 == b.http01 && a.tls_alpn01 == b.tls_alpn01 &&
         a.dns01.tsig_key_file == b.dns01.tsig_key_file && a.watch.ct_logs == b.watch.ct_logs && a.metrics == b.metrics &&
         a.hsm.pin_file == b.hsm.pin_file && a.agent.audit == b.agent.audit;
}

/// Whoever has made the channel is the agent.
uid_t owner_of(int channel) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(channel, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 ? peer.uid : ::geteuid();
}

/// What threads tell each other by: that something has changed, and that all is to end.
class bell {
public:
  void ring() {
    const std::lock_guard lock{mutex_};
    ++rung_;
    changed_.notify_all();
  }
  void stop() {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
    changed_.notify_all();
  }
  [[nodiscard]] bool stopping() const {
    const std::lock_guard lock{mutex_};
    return stopping_;
  }
  /// How often it has rung: to be asked for before one looks at what may have changed.
  [[nodiscard]] std::uint64_t rung() const {
    const std::lock_guard lock{mutex_};
    return rung_;
  }
  /// Until it has rung more often than that, or so long.
  void wait(std::uint64_t heard, clock::duration patience) {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, patience, [this, heard] { return rung_ != heard || stopping_; });
  }

private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t rung_ = 0;
  bool stopping_ = false;
};

class manager {
public:
  manager(const manager_plan& plan, std::shared_ptr<const config> settings)
      : plan_{plan},
        supervisor_{std::make_shared<supervisor_link>(plan.descriptors.links)},
        world_{{.keeper = [this] { return door_.open(keeper_patience); },
                .operators = supervisor_,
                .log = log_line,
                .ask_person = [](const challenge_task& task,
                                 const std::string& what) { log_line(task.certificate + ": " + what); }}},
        certificates_{world_},
        desk_{world_, certificates_},
        operators_{owner_of(plan.descriptors.links)},
        walls_{std::move(settings)} {}

  result<void> open() {
    if (auto taken = world_.take(walls_); !taken) return taken;
    take_operators(*walls_);
    static_cast<void>(lock());  // usually nobody else is at work; if somebody is, we wait beside those who only look
    first_load();
    for (const int listener : plan_.descriptors.listeners) {
      auto opened = control::server::open(listener, control::make_router(side()),
                                          {.is_operator = [this](uid_t uid) { return operators_.has(uid); },
                                           .ready = [this] { return check_locked(); },
                                           .log = log_line});
      if (!opened) return opened.error();
      control_.push_back(*std::move(opened));
    }
    if (!walls_->metrics.listen.empty()) {
      auto opened = metrics_listener::open(walls_->metrics.listen,
                                           [this] { return numbers_of(certificates_, *world_.settings(), door_.open(0ms)); });
      if (!opened) return opened.error();
      metrics_.emplace(*std::move(opened));
    }
    return {};
  }

  /// Until we are told to stop, or only a new process, with other walls, can go on.
  void run(int signals) {
    std::vector<std::thread> threads;
    threads.emplace_back([this] { keep_house(); });
    for (int i = 0; i < workers; ++i) threads.emplace_back([this] { work(); });
    listen(signals);
    bell_.stop();
    door_.stop();
    supervisor_->gone();
    // Like a crash for what takes longer, and nothing is lost by one: each step is journalled before it is taken.
    std::thread alarm{[this] {
      const auto until = clock::now() + last_patience;
      while (!ended_ && clock::now() < until) std::this_thread::sleep_for(20ms);
      if (!ended_) ::_exit(0);
    }};
    for (control::server& one : control_)
      if (!one.close(last_patience)) ::_exit(0);
    for (std::thread& one : threads) one.join();
    ended_ = true;
    alarm.join();
  }

private:
  control::manager_side side() {
    return {.reload = [this] { return reload(issue_follows); },
            .work = &desk_,
            .settings = [this] { return world_.settings(); },
            .keeper = [this] { return door_.open(0ms); }};
  }

  void take_operators(const config& c) {
    if (auto taken = operators_.take(c); !taken) log_line("the control socket takes no changes: " + taken.error().what);
  }

  /// The listening thread: signals, what the supervisor sends, and our sign of life.
  void listen(int signals) {
    const auto& given = plan_.descriptors;
    pollfd poll[]{{signals, POLLIN, 0}, {given.links, POLLIN, 0}};
    while (!bell_.stopping()) {
      show_alive(given.alive);
      if (::poll(poll, 2, 300) <= 0) continue;
      if (poll[0].revents != 0) {
        signalfd_siginfo told{};
        if (::read(signals, &told, sizeof told) != sizeof told) continue;
        if (told.ssi_signo != SIGHUP) return;
        reload_ = true;
        bell_.ring();
      }
      if (poll[1].revents != 0) {
        auto got = receive(given.links);
        if (!got) {
          poll[1].fd = -1;  // it has gone, and a signal says so
          supervisor_->gone();
        } else if (*got && (*got)->link.socket) {
          door_.put(std::move((*got)->link.socket));
        } else if (*got) {
          supervisor_->take((*got)->message);
        }
      }
    }
  }

  /// The configuration as it is now. A failure leaves all as it was.
  result<void> reload(std::chrono::seconds patience) {
    const std::lock_guard one_at_a_time{reloading_};
    auto read = load(plan_.config);
    // Behind our walls a file that was put in the place of another may be out of reach.
    if (!read && read.error().code == condition::operator_needed) return give_way(read.error().what);
    if (!read) return read.error();
    if (!same_walls(*read, *walls_)) return give_way("the configuration names other files");
    auto taken = desk_.reload(plan_.config, true, patience);
    if (!taken) return taken.error();
    take_operators(**taken);
    to_settle_ = true;
    log_line("configuration read again");
    bell_.ring();
    return {};
  }

  result<void> give_way(const std::string& why) {
    log_line(why + ": a new process takes over");
    bell_.stop();
    return fail(condition::retry_later, why + "; a new manager takes over, ask again");
  }

  /// The one thread that begins, reads the configuration again, and settles what was left.
  void keep_house() {
    const auto begin = clock::now() + first_look;
    auto next_round = clock::now();
    clock::duration pause = second_round;
    std::string told;
    while (!bell_.stopping()) {
      const auto heard = bell_.rung();
      if (!locked_) {
        await_lock();
        if (bell_.stopping()) return;
        first_load();  // what somebody else has done meanwhile
        if (!locked_) {
          bell_.wait(heard, without_store);
          continue;
        }
      }
      if (reload_.exchange(false)) {
        const auto read = reload(0s);
        const std::string why = read ? "" : read.error().what;
        if (std::exchange(told, why) != why && !read) log_line("the configuration stays as it was: " + why);
        if (!read && read.error().code == condition::retry_later) reload_ = true;  // the keeper may be back soon
        if (!ready_.exchange(true)) bell_.ring();
      }
      if (clock::now() >= begin && !ready_.exchange(true)) bell_.ring();
      if (door_.lost()) {
        log_line("the keeper did not answer in time: a new process takes over");
        return bell_.stop();
      }
      if (ready_ && (to_settle_.exchange(false) || clock::now() >= next_round)) {
        settle();
        next_round = clock::now() + std::exchange(pause, between_rounds);
      }
      bell_.wait(heard, reload_ ? clock::duration{keeper_patience} : (ready_ ? next_round : begin) - clock::now());
    }
  }

  /// One process at a time changes things: a command that runs without us, or we.
  result<void> lock() {
    auto taken = file_lock::take(walls_->state.live.parent_path() / "lock", 300ms);
    if (!taken) return taken.error();
    lock_.emplace(*std::move(taken));
    return {};
  }

  void await_lock() {
    while (!lock_ && !bell_.stopping()) {
      const auto taken = lock();
      if (taken || taken.error().code == condition::retry_later) continue;
      log_line(taken.error().what);
      bell_.wait(bell_.rung(), 10s);
    }
  }

  result<void> check_locked() const {
    if (locked_) return {};
    return fail(condition::retry_later, "another sealring is at work; ask again when it has ended");
  }

  /// What is known then stays so if the lock is ours.
  void first_load() {
    const auto known = [this]() -> result<void> {
      auto state = store::open(walls_->state.store);
      if (!state) return state.error();
      return certificates_.load(walls_, *state);
    }();
    if (!known) log_line(known.error().what);
    locked_ = lock_.has_value();
  }

  void settle() {
    if (auto done = desk_.settle(); !done) log_line("what an interrupted run left is not settled yet: " + done.error().what);
    if (auto state = store::open(walls_->state.store))
      static_cast<void>(state->forget_counted(world_.now() - std::chrono::days{8}));
    give_back_memory();
  }

  void work() {
    std::optional<store> state;
    std::string told;
    while (!bell_.stopping()) {
      const auto heard = bell_.rung();
      const auto wait = std::min<std::chrono::seconds>(certificates_.next() - world_.now(), 60s);
      if (!ready_ || wait > 0s) {
        bell_.wait(heard, ready_ ? wait : 60s);
        continue;
      }
      if (!state) {
        auto opened = store::open(walls_->state.store);
        if (!opened) {
          log_line(opened.error().what);
          bell_.wait(heard, 60s);
          continue;
        }
        state.emplace(*std::move(opened));
      }
      // Without a keeper nothing would come of it.
      if (const auto keeper = door_.open(keeper_patience); !keeper) {
        if (!bell_.stopping() && std::exchange(told, keeper.error().what) != told) log_line(told);
        if (door_.lost()) bell_.ring();
        continue;
      }
      told.clear();
      const auto name = certificates_.take();
      if (!name) continue;
      certificates_.look_after(*state, *name);
      bell_.ring();  // its next time may come before what others wait for
    }
  }

  const manager_plan& plan_;
  bell bell_;
  keeper_door door_;
  std::shared_ptr<supervisor_link> supervisor_;
  acme_world world_;
  renewal certificates_;
  desk desk_;
  control::operators operators_;
  const std::shared_ptr<const config> walls_;
  std::mutex reloading_;
  std::optional<file_lock> lock_;
  std::atomic<bool> locked_ = false;     ///< nobody else changes the store, and we know what is in it
  std::atomic<bool> reload_ = false;     ///< asked for by a signal
  std::atomic<bool> ready_ = false;      ///< certificates are looked after
  std::atomic<bool> to_settle_ = false;  ///< what was cut short, before its next turn comes
  std::atomic<bool> ended_ = false;
  std::vector<control::server> control_;
  std::optional<metrics_listener> metrics_;
};

/// All signals that we live by come to one descriptor; blocked in all threads.
descriptor signals() {
  sigset_t wanted;
  sigemptyset(&wanted);
  for (const int one : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&wanted, one);
  pthread_sigmask(SIG_BLOCK, &wanted, nullptr);
  return descriptor{::signalfd(-1, &wanted, SFD_CLOEXEC)};
}

result<sealed> close_walls(const config& settings) {
  if (auto hard = harden_process(); !hard) return hard.error();
  return seal_manager(sandbox_of_manager(settings));
}

}  // namespace

int run_manager(const manager_plan& plan) {
  const auto give_up = [&plan](const failure& f) {
    show_failure(plan.descriptors.alive, f.what);
    return f.code == condition::retry_later ? 1 : exit_operator_needed;
  };
  if (auto ours = adopt(plan.descriptors); !ours) return give_up(ours.error());
  // No sign of life before we are ready: from the first on it may not pause, and many certificates take a second or two to
  // read.
  const descriptor heard = signals();
  if (!heard) return give_up(system_failure(errno, "cannot wait for signals"));
  if (::fcntl(plan.descriptors.links, F_SETFL, O_NONBLOCK) != 0)
    return give_up(system_failure(errno, "cannot wait for links to the keeper"));
  auto read = load(plan.config);
  if (!read) return give_up(read.error());
  const auto settings = std::make_shared<const config>(*std::move(read));
  const auto walls = close_walls(*settings);
  if (!walls) return give_up(walls.error());
  log_line(walls->says());
  manager all{plan, settings};
  if (auto opened = all.open(); !opened) return give_up(opened.error());
  give_back_memory();
  show_ready(plan.descriptors.alive);
  all.run(heard.get());
  return 0;
}

result<void> enter_manager(const std::filesystem::path& file, const keeper_descriptors& given) {
  if (auto ours = adopt(given); !ours) return ours;
  const auto settings = load(file);
  if (!settings) return settings.error();
  if (auto walls = close_walls(*settings); !walls) return walls.error();
  return {};
}

}  // namespace sealring::agent

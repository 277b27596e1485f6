#include "agent/manager/manager.hpp"

#include "agent/manager/deploy/supervisor_link.hpp"
#include "agent/control/api.hpp"
#include "agent/control/operators.hpp"
#include "agent/control/server.hpp"
#include "agent/manager/renewal.hpp"
#include "agent/supervisor/harden.hpp"
#include "agent/supervisor/heartbeat.hpp"
#include "agent/supervisor/links.hpp"
#include "agent/supervisor/manager_start.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <csignal>
#include <iostream>
#include <mutex>
#include <thread>

namespace sealring::agent {

namespace {

using namespace std::chrono_literals;
using clock = backoff::clock;

/// A command that is typed as the agent starts goes first, and the network may still be coming up. SIGHUP is a reason to look
/// at once.
constexpr auto first_look = 30s;
/// A keeper that has died is replaced sooner than this.
constexpr auto keeper_patience = 30s;
/// For what is under way when we are told to stop. What is not done by then, the next start takes up.
constexpr auto last_patience = 2s;

void log_line(std::string_view line) { std::cerr << "sealring manager: " + std::string{line} + "\n" << std::flush; }

/// What the thread that hears of everything tells the one that works.
class mailbox {
public:
  void put(descriptor link) {
    const std::lock_guard lock{mutex_};
    link_ = std::move(link);
    changed_.notify_all();
  }
  void reload() {
    const std::lock_guard lock{mutex_};
    reload_ = true;
    changed_.notify_all();
  }
  void stop() {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
    changed_.notify_all();
  }
  void done() {
    const std::lock_guard lock{mutex_};
    done_ = true;
    changed_.notify_all();
  }

  bool stopping() {
    const std::lock_guard lock{mutex_};
    return stopping_;
  }
  bool wait_done(clock::duration patience) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, patience, [this] { return done_; });
  }
  /// The newest link, if there is one that was not taken yet within this time.
  descriptor take_link(clock::duration patience) {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, patience, [this] { return link_ || stopping_; });
    return std::move(link_);
  }
  /// Whether a reload was asked for before this time came.
  bool wait_reload(clock::time_point until) {
    std::unique_lock lock{mutex_};
    changed_.wait_until(lock, until, [this] { return reload_ || stopping_; });
    return std::exchange(reload_, false);
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  descriptor link_;
  bool reload_ = false;
  bool stopping_ = false;
  bool done_ = false;
};

/// The keeper there is now.
class keeper_door {
public:
  explicit keeper_door(mailbox& mail) : mail_{mail} {}

  const keeper_link* open() {
    const auto until = clock::now() + keeper_patience;
    auto next = mail_.take_link(0s);
    while (true) {
      if (next) {
        auto greeted = keeper_link::on(std::move(next));
        link_.reset();
        lost_ = !greeted && greeted.error().code == wire::errc::timed_out;
        if (greeted) link_.emplace(*std::move(greeted));
      }
      if (link_ && link_->answers()) return &*link_;
      const auto left = until - clock::now();
      if (mail_.stopping() || left <= 0s) return nullptr;
      next = mail_.take_link(left);
    }
  }
  /// A keeper that we could not wait for has the other end of our link, and there is no other link before one of us dies.
  [[nodiscard]] bool lost() const noexcept { return lost_; }

private:
  mailbox& mail_;
  std::optional<keeper_link> link_;
  bool lost_ = false;
};

bool same_walls(const config& a, const config& b) {
  return a.state == b.state && a.ca.ca_file == b.ca.ca_file && a.ca.eab_key_file == b.ca.eab_key_file &&
         a.hsm.pin_file == b.hsm.pin_file && a.agent.audit == b.agent.audit;
}

/// Whoever has made the channel is the agent.
uid_t owner_of(int channel) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(channel, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 ? peer.uid : ::geteuid();
}

void take_operators(control::operators& operators, const config& settings) {
  if (auto taken = operators.take(settings); !taken) log_line("the control socket takes no changes: " + taken.error().what);
}

/// The control sockets, while this lives. None where a command has started us.
result<std::vector<control::server>> open_control(const manager_plan& plan, control::operators& operators, mailbox& mail) {
  std::vector<control::server> out;
  for (const int listener : plan.descriptors.listeners) {
    auto opened =
        control::server::open(listener, control::make_router({plan.config, [&mail] { mail.reload(); }}),
                              {.is_operator = [&operators](uid_t uid) { return operators.has(uid); }, .log = log_line});
    if (!opened) return opened.error();
    out.push_back(*std::move(opened));
  }
  return out;
}

/// The working thread: looks, waits, looks again. It ends early where only a new process, with other walls, can go on.
void work(config settings, mailbox& mail, const commands& operators) {
void work(config settings, mailbox& mail, control::operators& operators, int alive) {
  keeper_door door{mail};
  renewal looking{{.keeper = [&door] { return door.open(); },
                   .stopping = [&mail] { return mail.stopping(); },
                   .log = log_line,
                   .published =
                       [&](std::string_view name) {
                         const certificate_entry* const entry = settings.find_certificate(name);
                         if (entry == nullptr) return;
                         if (auto done = operators.deploy(*entry); !done) log_line(done.error().what);
                       }}};
  auto next = clock::now() + first_look;
  while (!mail.stopping()) {
    const bool asked = mail.wait_reload(next);
    if (mail.stopping()) return;
    auto read = load(settings.file);
    if (read && !same_walls(*read, settings)) {
      return log_line("the configuration names other files: a new process takes over");
    }
    if (!read && read.error().code == condition::operator_needed) {
      // Behind our walls a file that was put in the place of another may be out of reach.
      return log_line("the configuration cannot be read any more (" + read.error().what + "): a new process takes over");
    }
    if (asked) log_line(read ? "configuration read again" : "the configuration stays as it was: " + read.error().what);
    if (asked) looking.forget_failures();
    // The supervisor has told the keeper, too, but one of us is faster; it allows no name that it has not read.
    if (const auto* const keys = asked && read ? door.open() : nullptr; keys) static_cast<void>(keys->reload());
    if (read) settings = *std::move(read);
    if (asked) take_operators(operators, settings);
    looking.look(settings);
    if (door.lost()) return log_line("the keeper did not answer in time: a new process takes over");
    next = looking.next(clock::now());
  }
}

/// All signals that we live by come to one descriptor; blocked in all threads.
descriptor signals() {
  sigset_t wanted;
  sigemptyset(&wanted);
  for (const int one : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&wanted, one);
  pthread_sigmask(SIG_BLOCK, &wanted, nullptr);
  return descriptor{::signalfd(-1, &wanted, SFD_CLOEXEC)};
}

/// The listening thread: signals, what the supervisor sends, and our sign of life.
void listen(int signals, const keeper_descriptors& given, mailbox& mail, supervisor_link& supervisor) {
  pollfd poll[]{{signals, POLLIN, 0}, {given.links, POLLIN, 0}};
  while (!mail.wait_done(0s)) {
    show_alive(given.alive);
    if (::poll(poll, 2, 300) <= 0) continue;
    if (poll[0].revents != 0) {
      signalfd_siginfo told{};
      if (::read(signals, &told, sizeof told) != sizeof told) continue;
      if (told.ssi_signo != SIGHUP) return;
      mail.reload();
    }
    if (poll[1].revents != 0) {
      auto got = receive(given.links);
      if (!got) {
        poll[1].fd = -1;  // it has gone, and a signal says so
        supervisor.gone();
      } else if (*got && (*got)->link.socket) {
        mail.put(std::move((*got)->link.socket));
      } else if (*got) {
        supervisor.take((*got)->message);
      }
    }
  }
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
  show_alive(plan.descriptors.alive);
  const descriptor heard = signals();
  if (!heard) return give_up(system_failure(errno, "cannot wait for signals"));
  if (::fcntl(plan.descriptors.links, F_SETFL, O_NONBLOCK) != 0)
    return give_up(system_failure(errno, "cannot wait for links to the keeper"));
  const auto settings = load(plan.config);
  if (!settings) return give_up(settings.error());
  const auto walls = close_walls(*settings);
  if (!walls) return give_up(walls.error());
  log_line(walls->says());
  mailbox mail;
  control::operators operators{owner_of(plan.descriptors.links)};
  take_operators(operators, *settings);
  auto control = open_control(plan, operators, mail);
  if (!control) return give_up(control.error());
  show_ready(plan.descriptors.alive);

  mailbox mail;
  supervisor_link supervisor{plan.descriptors.links};
  std::thread worker{[&] {
    work(*settings, mail, supervisor);
  std::thread worker{[&] {
    work(*settings, mail, operators, plan.descriptors.alive);
    mail.done();
  }};
  listen(heard.get(), plan.descriptors, mail, supervisor);
  mail.stop();
  // Like a crash for what takes longer, and nothing is lost by one: each key is journalled before it is made.
  const auto until = clock::now() + last_patience;
  for (control::server& one : *control)
    if (!one.close(std::chrono::ceil<std::chrono::milliseconds>(until - clock::now()))) ::_exit(0);
  if (!mail.wait_done(until - clock::now())) ::_exit(0);
  worker.join();
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

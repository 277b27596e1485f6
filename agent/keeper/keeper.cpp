#include "agent/keeper/keeper.hpp"

#include "agent/keeper/operator_files.hpp"
#include "agent/keeper/refusal.hpp"
#include "agent/keeper/service.hpp"
#include "agent/memory.hpp"
#include "agent/supervisor/harden.hpp"
#include "agent/supervisor/heartbeat.hpp"
#include "agent/supervisor/keeper_start.hpp"
#include "agent/supervisor/sandbox.hpp"
#include "agent/text.hpp"
#include "sealring/config.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <condition_variable>
#include <csignal>
#include <future>
#include <iostream>
#include <mutex>
#include <thread>

namespace sealring::agent {

namespace {

using namespace std::chrono_literals;

void log_line(std::string_view line) { std::cerr << "sealring keeper: " + std::string{line} + "\n" << std::flush; }

// How long the module may take: to load, log in and find our keys, with some that need a minute for each; and for the last
// checkpoint. What takes longer hangs, and only another process can help.
constexpr auto opening = 120s;
constexpr auto closing = 5s;
// Callers wait so long for a token that is being opened, and then are told.
constexpr auto moment = 1500ms;

/// Shows that we are well, unless a call into the module takes so long that only another process can help.
class heart {
public:
  using clock = std::chrono::steady_clock;
  explicit heart(int alive) : alive_{alive}, thread_{[this] { beat(); }} {}
  ~heart() {
    {
      const std::lock_guard lock{mutex_};
      stop_ = true;
    }
    stopped_.notify_one();  // a command waits for our end
    thread_.join();
  }
  /// Well as long as no request hangs in there: until allow(), after which the server is not looked at any more.
  void watch(const server& s) {
    const std::lock_guard lock{mutex_};
    served_ = &s;
  }
  /// Well for so long: whatever is being done should be done by then.
  void allow(clock::duration d) {
    const std::lock_guard lock{mutex_};
    until_ = clock::now() + d;
    served_ = nullptr;
  }

private:
  void beat() {
    std::unique_lock lock{mutex_};
    do
      if (well(clock::now())) show_alive(alive_);
    while (!stopped_.wait_for(lock, 300ms, [this] { return stop_; }));
  }
  bool well(clock::time_point now) const { return served_ != nullptr ? !served_->hangs(now) : now < until_; }
  int alive_;
  std::condition_variable stopped_;
  std::mutex mutex_;  // guards what follows
  bool stop_ = false;
  const server* served_ = nullptr;
  clock::time_point until_ = clock::now() + opening;
  std::thread thread_;
};

/// SIGTERM or SIGINT ends the serving, and so does the end of the time, if one is set; SIGHUP is `on_hup`'s. They are blocked
/// everywhere else.
class signal_watch {
public:
  using clock = std::chrono::steady_clock;
  signal_watch(server& s, std::function<void()> on_hup, clock::time_point until = clock::time_point::max())
      : on_hup_{std::move(on_hup)}, thread_{[this, &s, until] { wait(s, until); }} {}
  ~signal_watch() {
    ended_ = true;
    pthread_kill(thread_.native_handle(), SIGINT);  // only to wake it: it is blocked everywhere
    thread_.join();
  }
  static sigset_t signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int one : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, one);
    return set;
  }

private:
  void wait(server& s, clock::time_point until) {
    const sigset_t set = signals();
    while (!ended_) {
      const auto left = std::clamp<clock::duration>(until - clock::now(), 0s, 1h);
      const timespec patience{std::chrono::floor<std::chrono::seconds>(left).count(), (left % 1s) / 1ns};
      const int number = sigtimedwait(&set, nullptr, &patience);
      if (number == SIGHUP) on_hup_();
      else if (number > 0 || clock::now() >= until) return s.stop();
    }
  }
  std::function<void()> on_hup_;
  std::atomic<bool> ended_ = false;
  std::thread thread_;
};

keeper_sandbox sandbox_of(const config& c) {
  keeper_sandbox box{.network = c.hsm.network, .paths = {}, .devices = {}, .read = {}, .write = {}};
  for (const std::string& path : c.hsm.paths) box.paths.emplace_back(path);
  for (const std::string& device : c.hsm.devices) box.devices.emplace_back(device);
  box.read = {c.file.parent_path(), c.hsm.module.parent_path()};
  if (c.hsm.pin_file) box.read.push_back(*c.hsm.pin_file);
  box.write = {keeper_folder(c), c.agent.audit.parent_path()};
  return box;
}

/// Threads beyond one a CPU are for waiting: where each record is synced before its answer, as many as there are share one
/// fdatasync(2).
server_limits limits_for(audit_sync sync) {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  getrlimit(RLIMIT_NOFILE, &files);
  server_limits limits;
  limits.threads = std::max(2U, std::thread::hardware_concurrency());
  if (sync == audit_sync::always) limits.threads = std::max<std::size_t>(limits.threads, 16);
  limits.connections = std::min<std::size_t>(limits.connections, files.rlim_cur > 128 ? files.rlim_cur - 64 : 64);
  return limits;
}

result<void> listen(server& sockets, const keeper_descriptors& given) {
  for (const int listener : given.listeners)
    if (auto listening = sockets.listen_on(listener); !listening) return listening;
  return {};
}

result<void> attach(server& sockets, const keeper_descriptors& given) {
  if (auto listening = listen(sockets, given); !listening) return listening;
  if (given.links >= 0)
    if (auto waiting = sockets.take_links(given.links); !waiting) return waiting;
  if (given.link < 0) return {};
  return sockets.serve_command(given.link);
}

/// The token with its keys, behind the rules.
result<std::unique_ptr<service>> open_service(const keeper_plan& plan, const std::shared_ptr<const config>& settings,
                                              const sealed& walls) {
  const auto explained = [&walls](failure f) {  // a refused system call may be behind whatever the module says
    if (const auto call = walls.last_blocked_call())
      f.what += "; the sandbox refused " + *call + " to the module: see [hsm] network, paths and devices";
    return f;
  };
  auto keys = keyring::open(settings->hsm, keeper_folder(*settings), plan.retry_pin, plan.descriptors.pin);
  if (!keys) return explained(keys.error());
  // The supervisor says it, once however many keepers it takes; a command that has started us hears it from its request.
  const auto outage = [alive = plan.descriptors.alive](std::string_view why) {
    if (why.empty()) show_ready(alive);
    else show_trouble(alive, why);
  };
  auto opened =
      service::open({settings, plan.owner, plan.manager, keeper_folder(*settings), log_line, outage}, *std::move(keys));
  if (!opened) return explained(opened.error());
  return opened;
}

/// The same; and who calls while that takes longer than a moment has an answer at once. The manager waits: its link is given
/// once, to the server that stays.
result<std::unique_ptr<service>> open_and_answer(const keeper_plan& plan, const std::shared_ptr<const config>& settings,
                                                 const sealed& walls) {
  auto opened = std::async(std::launch::async, [&] { return open_service(plan, settings, walls); });
  if (plan.descriptors.listeners.empty() || opened.wait_for(moment) == std::future_status::ready) return opened.get();
  const auto why = fail(condition::retry_later, "the token takes its time to open: the keeper waits for it");
  server sockets{refuse_for(why, *settings, plan.owner, plan.manager), limits_for(audit_sync::interval)};
  if (auto listening = listen(sockets, plan.descriptors); !listening) return listening.error();
  const std::jthread waits{[&] {
    opened.wait();
    sockets.stop();
  }};
  sockets.run();
  return opened.get();
}

/// Answers for a while that there is no token; then the supervisor starts a keeper that looks again. A reload is a reason to
/// look at once.
result<void> refuse(const keeper_plan& plan, const config& settings, const failure& why, heart& alive) {
  server sockets{refuse_for(why, settings, plan.owner, plan.manager), limits_for(audit_sync::interval)};
  if (auto attached = attach(sockets, plan.descriptors); !attached) return attached;
  show_trouble(plan.descriptors.alive, why.what);
  const signal_watch signals{sockets, [&sockets] { sockets.stop(); }, signal_watch::clock::now() + pause_after(why)};
  alive.watch(sockets);
  sockets.run();
  alive.allow(closing);
  return {};
}

result<void> serve(const keeper_plan& plan, const config& settings, service& what, heart& alive) {
  server sockets{[&](const caller& from, const arrival& request, bytes& out) {
                   what.handle(from, request, out);
                   if (what.worn_out()) sockets.stop();
                 },
                 limits_for(settings.agent.sync), settings.hsm.arm_sessions ? [&what] { what.get_ready(); } : spare_time{}};
  if (auto attached = attach(sockets, plan.descriptors); !attached) return attached;
  {
    const signal_watch signals{
        sockets, [&what] {
          const auto read = what.reload();
          log_line(read ? "configuration read again" : "the configuration stays as it was: " + read.error().what);
        }};
    alive.watch(sockets);
    show_ready(plan.descriptors.alive);
    sockets.run();
    alive.allow(closing);
  }
  // Nobody waits for it any more, and only an agent has a log to tell it in. After a worn-out keeper the next one does it.
  const auto closed = what.close();
  if (!closed && !what.worn_out() && !plan.descriptors.listeners.empty()) log_line("audit log: " + closed.error().what);
  return {};
}

}  // namespace

int run_keeper(const keeper_plan& plan) {
  const auto give_up = [&plan](const failure& f) {
    if (plan.descriptors.alive >= 0) show_failure(plan.descriptors.alive, f.what);
    else log_line(f.what);
    return f.code == condition::retry_later ? 1 : exit_operator_needed;
  };
  if (auto ours = adopt(plan.descriptors); !ours) return give_up(ours.error());
  show_alive(plan.descriptors.alive);
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error of the audit log, not our end
  const sigset_t blocked = signal_watch::signals();
  pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
  if (auto hard = harden_process(); !hard) return give_up(hard.error());
  auto read = load_trusted(plan.config, plan.owner);
  if (!read) return give_up(read.error());
  const auto settings = std::make_shared<const config>(*std::move(read));
  const auto walls = seal_keeper(sandbox_of(*settings));
  if (!walls) return give_up(walls.error());
  heart alive{plan.descriptors.alive};
  auto opened = open_and_answer(plan, settings, *walls);
  give_back_memory();
  // A command that has started us wants to hear of it; an agent's callers want an answer.
  if (!opened && plan.descriptors.listeners.empty()) return give_up(opened.error());
  const auto kept = opened ? serve(plan, *settings, **opened, alive) : refuse(plan, *settings, opened.error(), alive);
  if (!kept) return give_up(kept.error());
  return 0;
}

}  // namespace sealring::agent

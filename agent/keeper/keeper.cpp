#include "agent/keeper/keeper.hpp"

#include "agent/keeper/operator_files.hpp"
#include "agent/keeper/service.hpp"
#include "agent/supervisor/heartbeat.hpp"
#include "agent/supervisor/keeper_start.hpp"
#include "agent/supervisor/sandbox.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <iostream>
#include <thread>

namespace sealring::agent {

namespace {

using namespace std::chrono_literals;

void log_line(std::string_view line) { std::cerr << "sealring keeper: " + std::string{line} + "\n" << std::flush; }

/// Shows that we are well, unless a call into the module takes so long that only another process can help.
class heart {
public:
  explicit heart(int alive) : alive_{alive}, thread_{[this] { beat(); }} {}
  ~heart() {
    stop_ = true;
    thread_.join();
  }
  void watch(const server* s) { served_ = s; }

private:
  void beat() {
    while (!stop_) {
      const server* served = served_;
      if (served == nullptr || !served->hangs(std::chrono::steady_clock::now())) show_alive(alive_);
      std::this_thread::sleep_for(300ms);
    }
  }
  int alive_;
  std::atomic<bool> stop_ = false;
  std::atomic<const server*> served_ = nullptr;
  std::thread thread_;
};

/// SIGTERM ends the serving, SIGHUP reads the operator's files again. Both are blocked everywhere else.
class signal_watch {
public:
  signal_watch(server& s, service& what) : thread_{[this, &s, &what] { wait(s, what); }} {}
  ~signal_watch() {
    ended_ = true;
    pthread_kill(thread_.native_handle(), SIGTERM);
    thread_.join();
  }
  static sigset_t signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int one : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, one);
    return set;
  }

private:
  void wait(server& s, service& what) {
    const sigset_t set = signals();
    int number = 0;
    while (!ended_ && sigwait(&set, &number) == 0) {
      if (number != SIGHUP) return s.stop();
      const auto read = what.reload();
      log_line(read ? "configuration read again" : "the configuration stays as it was: " + read.error().what);
    }
  }
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

server_limits limits_of_process() {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  getrlimit(RLIMIT_NOFILE, &files);
  server_limits limits;
  limits.threads = std::max(2U, std::thread::hardware_concurrency());
  limits.connections = std::min<std::size_t>(limits.connections, files.rlim_cur > 128 ? files.rlim_cur - 64 : 64);
  return limits;
}

/// Everything up to being ready, and the serving.
result<void> keep(const keeper_plan& plan, const config& settings, const sealed& walls, heart& alive) {
  const auto explained = [&walls](failure f) {  // a refused system call may be behind whatever the module says
    if (const auto call = walls.last_blocked_call())
      f.what += "; the sandbox refused " + *call + " to the module: see [hsm] network, paths and devices";
    return f;
  };
  auto keys = keyring::open(settings.hsm, keeper_folder(settings), plan.retry_pin, plan.descriptors.pin);
  if (!keys) return explained(keys.error());
  auto opened = service::open({settings, plan.owner, keeper_folder(settings), log_line}, *std::move(keys));
  if (!opened) return explained(opened.error());
  service& what = **opened;
  server sockets{[&what](const client& from, const wire::request& request, bytes& out) { what.handle(from, request, out); },
                 limits_of_process()};
  for (const int listener : plan.descriptors.listeners)
    if (auto listening = sockets.listen_on(listener); !listening) return listening;
  if (plan.descriptors.link >= 0)
    if (auto linked = sockets.serve_manager(plan.descriptors.link); !linked) return linked;
  {
    const signal_watch signals{sockets, what};
    alive.watch(&sockets);
    show_ready(plan.descriptors.alive);
    sockets.run();
    alive.watch(nullptr);
  }
  return what.close();
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
  const auto settings = load_trusted(plan.config, plan.owner);
  if (!settings) return give_up(settings.error());
  const auto walls = seal_keeper(sandbox_of(*settings));
  if (!walls) return give_up(walls.error());
  heart alive{plan.descriptors.alive};
  if (auto kept = keep(plan, *settings, *walls, alive); !kept) return give_up(kept.error());
  return 0;
}

}  // namespace sealring::agent

#include "agent/supervisor/supervisor.hpp"

#include "agent/supervisor/links.hpp"
#include "agent/supervisor/systemd.hpp"
#include "agent/supervisor/watch.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>

#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

namespace sealring::agent {
namespace {

using clock = watch::clock;

// The signals that it lives by, as a descriptor; as they were when it goes.
class signals {
public:
  signals() {
    sigset_t wanted;
    ::sigemptyset(&wanted);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&wanted, signal);
    ::pthread_sigmask(SIG_BLOCK, &wanted, &before_);
    descriptor_ = descriptor(::signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK));
  }
  signals(const signals&) = delete;
  signals& operator=(const signals&) = delete;
  ~signals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  [[nodiscard]] int get() const noexcept { return descriptor_.get(); }
  /// 0: none.
  [[nodiscard]] int next() const noexcept {
    signalfd_siginfo info{};
    return ::read(descriptor_.get(), &info, sizeof info) == sizeof info ? static_cast<int>(info.ssi_signo) : 0;
  }

private:
  sigset_t before_{};
  descriptor descriptor_;
};

class supervisor {
public:
  explicit supervisor(const supervisor_plan& plan) : plan_(plan), keeper_("keeper", plan.keeper, plan) {
    if (plan.manager) manager_.emplace("manager", *plan.manager, plan);
    if (plan.commands) commands_.emplace(*plan.commands);
  }

  int run() {
    if (signals_.get() < 0) return 1;
    while (true) {
      const auto now = clock::now();
      each([&](watch& w) { w.hear(now); });
      each([&](watch& w) { w.look_for_end(now); });
      each([&](watch& w) { w.judge(now); });
      serve_manager(now);
      const bool at_work = commands_ && commands_->busy() && now < stop_by_;
      if (stopping_ && !keeper_.running() && !running_manager() && !at_work) return 0;
      if (stopping_) stop_in_order(now);
      start_what_is_due(now);
      tell_systemd(now);
      wait(now);
      while (const int signal = signals_.next()) take(signal);
    }
  }

private:
  template <class F>
  void each(F f) {
    f(keeper_);
    if (manager_) f(*manager_);
  }
  bool running_manager() const { return manager_ && manager_->running(); }

  void take(int signal) {
    const auto now = clock::now();
    if (signal == SIGHUP) {
      // systemd wants to know when this was, to tell it from an earlier one: sd_notify(3).
      timespec t{};
      ::clock_gettime(CLOCK_MONOTONIC, &t);
      const auto us = static_cast<std::int64_t>(t.tv_sec) * 1'000'000 + t.tv_nsec / 1000;
      notify_systemd("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(us));
      each([&](watch& w) { w.reload(now); });
      if (told_ready_) notify_systemd("READY=1");
      return;
    }
    if (stopping_) return each([](watch& w) { w.kill(); });  // asked twice
    stopping_ = true;
    stop_by_ = now + plan_.times.stop;
    notify_systemd("STOPPING=1");
    if (manager_) manager_->stop(stop_by_);
    stop_in_order(now);
  }

  // What the manager has under way may need signatures, so the keeper goes last; half of the time is its own.
  void stop_in_order(clock::time_point now) {
    if (!running_manager() || now >= stop_by_ - plan_.times.stop / 2) keeper_.stop(stop_by_);
  }

  void start_what_is_due(clock::time_point now) {
    bool fresh = false;
    each([&](watch& w) {
      if (!w.due(now)) return;
      auto& channel = &w == &keeper_ ? keeper_channel_ : manager_channel_;
      child_ends ends;
      if (&w != &keeper_) lose_manager();
      if (manager_) {
        auto pair = socket_pair(SOCK_SEQPACKET);
        if (pair) std::tie(channel, ends.links) = *std::move(pair);
        else log(pair.error().what);
      }
      w.start(now, std::move(ends));
      fresh = fresh || w.running();
    });
    if (fresh && keeper_.running() && running_manager()) join();
  }

  // What it has asked for is forgotten with it.
  void lose_manager() {
    if (commands_) commands_->forget();
    manager_channel_.reset();
  }

  void serve_manager(clock::time_point now) {
    if (!commands_) return;
    if (manager_channel_ && !commands_->hear(manager_channel_.get())) lose_manager();
    commands_->work(now, stopping_);
  }

  void join() {
    auto link = socket_pair(SOCK_STREAM);
    if (!link) return log(link.error().what);
    const auto tell = [this](const descriptor& channel, descriptor& end, const watch& other) {
      if (auto sent = send_link(channel.get(), {std::move(end), other.credentials()}); !sent) log(sent.error().what);
    };
    tell(keeper_channel_, link->first, *manager_);
    tell(manager_channel_, link->second, keeper_);
  }

  void tell_systemd(clock::time_point now) {
    std::string status = keeper_.status();
    if (manager_) status += "; " + manager_->status();
    if (status != told_status_) notify_systemd("STATUS=" + (told_status_ = std::move(status)));
    if (!told_ready_ && keeper_.ready()) {
      told_ready_ = true;
      notify_systemd("READY=1");
    }
    if (watchdog_.count() != 0 && now >= next_watchdog_) {
      next_watchdog_ = now + watchdog_;
      notify_systemd("WATCHDOG=1");
    }
  }

  void wait(clock::time_point now) {
    std::array<pollfd, 8> poll{{{signals_.get(), POLLIN, 0}, {keeper_.pidfd(), POLLIN, 0}, {keeper_.alive(), POLLIN, 0}}};
    poll[3] = {manager_ ? manager_->pidfd() : -1, POLLIN, 0};
    poll[4] = {manager_ ? manager_->alive() : -1, POLLIN, 0};
    auto until = now + std::chrono::hours(1);
    poll[5] = {-1, POLLIN, 0};
    poll[6] = poll[7] = poll[5];
    if (commands_) {
      poll[5].fd = manager_channel_.get();
      std::ranges::copy(commands_->waits_for(), poll.begin() + 6);
      if (!stopping_ || commands_->busy()) until = std::min(until, commands_->deadline());
      if (stopping_ && commands_->busy()) until = std::min(until, stop_by_);
    }
    each([&](const watch& w) { until = std::min(until, w.deadline()); });
    if (watchdog_.count() != 0) until = std::min(until, next_watchdog_);
    if (stopping_ && running_manager()) until = std::min(until, stop_by_ - plan_.times.stop / 2);
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now()).count();
    // A failure is EINTR, or what the next round finds.
    static_cast<void>(::poll(poll.data(), poll.size(), static_cast<int>(std::max<std::int64_t>(left, 0))));
  }

  void log(std::string_view line) const {
    if (plan_.log) plan_.log(line);
  }

  const supervisor_plan& plan_;
  signals signals_;
  watch keeper_;
  std::optional<watch> manager_;
  descriptor keeper_channel_, manager_channel_;
  std::optional<servant> commands_;
  const std::chrono::microseconds watchdog_ = systemd_watchdog() / 2;
  clock::time_point next_watchdog_{};
  clock::time_point stop_by_{};
  bool stopping_ = false;
  bool told_ready_ = false;
  std::string told_status_;
};

}  // namespace

int run(const supervisor_plan& plan) { return supervisor(plan).run(); }

}  // namespace sealring::agent

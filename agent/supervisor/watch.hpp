// One role being kept running: what the supervisor knows of it and when it must next do something about it.
#pragma once

#include "agent/supervisor/supervisor.hpp"

#include <functional>
#include <string>

#include <sys/socket.h>

namespace sealring::agent {

class watch {
public:
  using clock = std::chrono::steady_clock;

  watch(std::string name, const child_plan& plan, const supervisor_plan& all)
      : name_(std::move(name)), plan_(plan), all_(all) {}

  /// Whether it is to be started now.
  [[nodiscard]] bool due(clock::time_point now) const noexcept { return !child_ && !stopping_ && now >= next_; }
  void start(clock::time_point now, child_ends);

  /// What its descriptors have to say. Both may be called at any time.
  void hear(clock::time_point now);
  void look_for_end(clock::time_point now);
  /// Kills it if it hangs, or takes too long to stop. Only after `hear`: what it has said while we slept counts.
  void judge(clock::time_point now);

  void reload(clock::time_point now);
  /// Asks it to end, once; judge kills it at `by`.
  void stop(clock::time_point by);
  void kill();

  /// When one of the above must be called though no descriptor is readable.
  [[nodiscard]] clock::time_point deadline() const noexcept;
  [[nodiscard]] int pidfd() const noexcept { return child_ ? child_->pidfd() : -1; }
  [[nodiscard]] int alive() const noexcept { return child_ && !closed_ ? child_->alive() : -1; }
  /// Who it is, to another role; only while it runs.
  [[nodiscard]] ucred credentials() const noexcept;
  [[nodiscard]] bool running() const noexcept { return child_.has_value(); }
  [[nodiscard]] bool ready() const noexcept { return child_ && ready_; }
  /// "keeper ready", or what it is waiting for.
  [[nodiscard]] const std::string& status() const noexcept { return status_; }

private:
  void say(std::string_view what);
  void note_trouble();
  void wait_before_next(clock::time_point now, const std::string& why, bool operator_needed);

  std::string name_;
  const child_plan& plan_;
  const supervisor_plan& all_;

  std::optional<child> child_;
  bool heard_ = false;  ///< has shown a sign of life
  bool ready_ = false;
  bool closed_ = false;   ///< its pipe has ended
  bool failing_ = false;  ///< what it says now is why it could not start
  bool telling_ = false;  ///< what it says now is what trouble it is in
  bool killed_ = false;
  bool stopping_ = false;
  std::string reason_;
  std::string trouble_;       ///< of this child
  std::string told_trouble_;  ///< of this child or the one before: told once, however often it is started
  std::string status_;
  clock::time_point started_{};
  clock::time_point last_{};  ///< sign of life, or the start
  clock::time_point ready_at_{};
  clock::time_point next_{};  ///< start, while there is no child
  clock::time_point kill_at_ = clock::time_point::max();
  std::chrono::milliseconds delay_{0};
};

}  // namespace sealring::agent

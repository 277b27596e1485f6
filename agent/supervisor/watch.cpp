#include "agent/supervisor/watch.hpp"

#include "agent/text.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include <unistd.h>

namespace sealring::agent {
namespace {

constexpr std::size_t longest_reason = 1000;

std::string milliseconds_text(watch::clock::duration d) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(d).count()) + " ms";
}

}  // namespace

void watch::say(std::string_view what) {
  status_ = name_ + " " + std::string(what);
  if (all_.log) all_.log(status_);
}

void watch::start(clock::time_point now, child_ends ends) {
  auto started = child::start(plan_, std::move(ends));
  if (!started) return wait_before_next(now, "not running: " + started.error().what, false);
  child_.emplace(*std::move(started));
  heard_ = ready_ = closed_ = failing_ = telling_ = killed_ = false;
  reason_.clear();
  trouble_.clear();
  last_ = started_ = now;
  kill_at_ = clock::time_point::max();
  if (told_trouble_.empty()) say("started as process " + std::to_string(child_->pid()));
}

void watch::hear(clock::time_point now) {
  if (alive() < 0) return;
  std::array<char, 1024> buffer{};
  while (true) {
    const ssize_t got = ::read(child_->alive(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got == 0) closed_ = true;
    if (got <= 0) return;
    for (const char c : std::string_view(buffer.data(), static_cast<std::size_t>(got))) {
      if (failing_) {
        if (reason_.size() < longest_reason) reason_ += c;
      } else if (telling_) {
        if (c == '\n') note_trouble();
        else if (trouble_.size() < longest_reason) trouble_ += c;
      } else if (c == 'E') {
        failing_ = true;
      } else if (c == 'T') {
        telling_ = true;
        trouble_.clear();
      } else if (c == 'R' && (!ready_ || !trouble_.empty())) {
        if (!ready_) ready_at_ = now;
        say(ready_ ? "ready again" : "ready after " + milliseconds_text(now - started_));
        ready_ = true;
        trouble_.clear();
        told_trouble_.clear();
      }
    }
    heard_ = true;
    last_ = now;
  }
}

void watch::note_trouble() {
  telling_ = false;
  if (trouble_ == told_trouble_) return;
  told_trouble_ = trouble_;
  say("answers, and does no more: " + trouble_);
}

void watch::look_for_end(clock::time_point now) {
  if (!child_) return;
  const auto ended = child_->wait(std::chrono::milliseconds(0));
  if (!ended) return;
  hear(now);  // its last words
  if (ready_ && now - ready_at_ >= all_.times.healthy) delay_ = std::chrono::milliseconds(0);
  child_.reset();
  const std::string why = reason_.empty() ? ended->text() : (ready_ ? "has failed: " : "could not start: ") + one_line(reason_);
  if (stopping_) return say("stopped: it " + ended->text());
  if (!trouble_.empty() && ended->signal == 0) {  // it has had its pause
    delay_ = std::chrono::milliseconds(0);
    next_ = now + all_.times.first_delay;
    return;
  }
  wait_before_next(now, why, ended->operator_needed());
}

void watch::wait_before_next(clock::time_point now, const std::string& why, bool operator_needed) {
  delay_ = delay_.count() == 0 ? all_.times.first_delay : std::min(delay_ * 2, all_.times.longest_delay);
  const auto wait = operator_needed ? std::max(delay_, all_.times.operator_delay) : delay_;
  next_ = now + wait;
  say(why + "; next start in " + milliseconds_text(wait) + (operator_needed ? ", or on SIGHUP" : ""));
}

void watch::judge(clock::time_point now) {
  if (!child_ || killed_) return;
  if (now >= kill_at_) {
    say("has not stopped in time, and is killed");
    return kill();
  }
  // One that is failing has said why, and has only to end.
  const auto patience = heard_ && !failing_ ? all_.times.silence : all_.times.start;
  if (stopping_ || now - last_ < patience) return;
  say("silent for " + milliseconds_text(now - last_) + ", and is killed");
  kill();
}

void watch::reload(clock::time_point now) {
  if (child_) return child_->send(SIGHUP);
  next_ = now;
}

void watch::stop(clock::time_point by) {
  if (stopping_) return;
  stopping_ = true;
  kill_at_ = by;
  if (child_) child_->send(SIGTERM);
}

void watch::kill() {
  killed_ = true;
  if (child_) child_->send(SIGKILL);
}

ucred watch::credentials() const noexcept {
  return plan_.as ? ucred{child_->pid(), plan_.as->uid, plan_.as->gid} : ucred{child_->pid(), ::geteuid(), ::getegid()};
}

watch::clock::time_point watch::deadline() const noexcept {
  if (!child_) return stopping_ ? clock::time_point::max() : next_;
  if (killed_) return clock::time_point::max();
  if (stopping_) return kill_at_;
  return last_ + (heard_ && !failing_ ? all_.times.silence : all_.times.start);
}

}  // namespace sealring::agent

#include "agent/manager/keeper_door.hpp"

#include <fcntl.h>
#include <sys/socket.h>

namespace sealring::agent {

keeper_door::keeper_door() : greeter_{[this] { greet(); }} {}

keeper_door::~keeper_door() {
  stop();
  greeter_.join();
}

void keeper_door::put(descriptor link) {
  const std::lock_guard lock{mutex_};
  link_ = std::move(link);
  current_.reset();
  why_ = "it is opening the token";
  changed_.notify_all();
}

void keeper_door::stop() {
  const std::lock_guard lock{mutex_};
  stopping_ = true;
  if (greeted_) ::shutdown(greeted_.get(), SHUT_RDWR);
  changed_.notify_all();
}

bool keeper_door::lost() const {
  const std::lock_guard lock{mutex_};
  return lost_;
}

// A keeper answers when its token is open, which takes a minute with some.
void keeper_door::greet() {
  std::unique_lock lock{mutex_};
  while (true) {
    changed_.wait(lock, [this] { return link_ || stopping_; });
    if (stopping_) return;
    descriptor fresh = std::move(link_);
    greeted_ = descriptor{::fcntl(fresh.get(), F_DUPFD_CLOEXEC, 3)};
    lock.unlock();
    auto known = keeper_link::on(std::move(fresh));
    lock.lock();
    greeted_.reset();
    if (link_) continue;  // another keeper has come meanwhile
    lost_ = !known && known.error().code == wire::errc::timed_out;
    if (known) current_ = std::make_shared<const keeper_link>(*std::move(known));
    else why_ = known.error().what;
    changed_.notify_all();
  }
}

result<std::shared_ptr<const keeper_link>> keeper_door::open(std::chrono::milliseconds patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  std::unique_lock lock{mutex_};
  while (true) {
    if (auto known = current_) {
      lock.unlock();
      if (known->answers()) return known;
      lock.lock();
      if (current_ == known) {
        current_.reset();
        why_ = "it has gone";
      }
    } else if (stopping_ || std::chrono::steady_clock::now() >= until) {
      return fail(condition::retry_later, "the keeper does not answer: " + why_);
    } else {
      changed_.wait_until(lock, until, [this] { return current_ || stopping_; });
    }
  }
}

}  // namespace sealring::agent

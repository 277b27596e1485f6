#include "agent/manager/keeper_door.hpp"

namespace sealring::agent {

using namespace std::chrono_literals;

void keeper_door::put(descriptor link) {
  const std::lock_guard lock{mutex_};
  link_ = std::move(link);
  changed_.notify_all();
}

void keeper_door::stop() {
  const std::lock_guard lock{mutex_};
  stopping_ = true;
  changed_.notify_all();
}

bool keeper_door::lost() const {
  const std::lock_guard lock{mutex_};
  return lost_;
}

result<std::shared_ptr<const keeper_link>> keeper_door::open(std::chrono::milliseconds patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  std::unique_lock lock{mutex_};
  while (true) {
    if (link_) {
      descriptor fresh = std::move(link_);
      current_.reset();
      lock.unlock();
      auto greeted = keeper_link::on(std::move(fresh));
      lock.lock();
      lost_ = !greeted && greeted.error().code == wire::errc::timed_out;
      if (greeted) current_ = std::make_shared<const keeper_link>(*std::move(greeted));
      else why_ = greeted.error().what;
      changed_.notify_all();
    } else if (auto known = current_) {
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
      changed_.wait_until(lock, until, [this] { return link_ || current_ || stopping_; });
    }
  }
}

}  // namespace sealring::agent

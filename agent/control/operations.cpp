#include "agent/control/operations.hpp"

#include <algorithm>
#include <exception>
#include <system_error>

namespace sealring::agent::control {

namespace {

// Each may hold an order at the CA and wait for it; a person starts a few.
constexpr unsigned most_workers = 32;

// What throws is a fault of ours or a lack of memory. It ends this operation and not the manager.
answer run(const lengthy& what, const request& asked, const progress& tell) {
  try {
    return what(asked, tell);
  } catch (const std::exception& e) {
    return refusal(fail(condition::retry_later, asked.method + " " + asked.path + " has failed: " + e.what()));
  }
}

}  // namespace

operations::~operations() {
  static_cast<void>(stop(std::chrono::steady_clock::time_point()));
  for (worker& one : workers_) one.thread.join();
}

result<std::shared_ptr<stream>> operations::start(lengthy what, request asked) {
  const std::lock_guard lock(mutex_);
  reap();
  if (stopping_) return fail(condition::retry_later, "the manager is being stopped; try again when it is back");
  if (workers_.size() >= most_workers) {
    return fail(condition::retry_later,
                std::to_string(workers_.size()) + " operations are under way; try again when one has ended");
  }
  auto told = std::make_shared<stream>();
  worker& one = workers_.emplace_back();
  try {
    one.thread = std::thread([this, &one, told, what = std::move(what), asked = std::move(asked)] {
      told->end(run(what, asked, [told](std::string_view line) { told->add(line); }));
      const std::lock_guard done(mutex_);
      one.ended = true;
      changed_.notify_all();
    });
  } catch (const std::system_error&) {
    workers_.pop_back();
    return fail(condition::retry_later, "no thread is left for it; try again when something has ended");
  }
  read_.push_back(told);
  return told;
}

// With the lock held: what has ended needs it no more.
void operations::reap() {
  std::erase_if(workers_, [](worker& one) {
    if (one.ended) one.thread.join();
    return one.ended;
  });
}

bool operations::stop(std::chrono::steady_clock::time_point until) {
  std::unique_lock lock(mutex_);
  stopping_ = true;
  return changed_.wait_until(lock, until, [this] { return read_.empty() && std::ranges::all_of(workers_, &worker::ended); });
}

void operations::cut() {
  const std::lock_guard lock(mutex_);
  for (const auto& one : read_) one->cut();
}

void operations::forget(const std::shared_ptr<stream>& one) {
  one->abandon();
  const std::lock_guard lock(mutex_);
  std::erase(read_, one);
  changed_.notify_all();
}

}  // namespace sealring::agent::control

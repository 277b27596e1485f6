#include "agent/control/stream.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace sealring::agent::control {

namespace {

constexpr std::size_t waiting_lines = 1000;

}  // namespace

void stream::add(std::string_view line) {
  const std::lock_guard lock(mutex_);
  if (!ended_) put({{"progress", line}});
}

void stream::end(const answer& a) {
  const std::lock_guard lock(mutex_);
  if (a) put({{"result", *a}});
  else put({{"error", problem(a.error())}});
  ended_ = true;
}

// With the lock held.
void stream::put(const json::object& line) {
  if (read_by_nobody_) return;
  // The first may have been read in part.
  if (lines_.size() >= waiting_lines) lines_.erase(lines_.begin() + 1);
  lines_.push_back(json::serialize(line) + "\n");
  changed_.notify_all();
}

std::optional<std::size_t> stream::read(char* into, std::size_t size, std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, patience, [this] { return !lines_.empty() || ended_ || cut_; });
  if (lines_.empty()) {
    if (ended_) return 0;
    if (cut_) return std::nullopt;
    lines_.emplace_back("{}\n");
  }
  const std::string& first = lines_.front();
  const std::size_t count = std::min(size, first.size() - taken_);
  std::copy_n(first.data() + taken_, count, into);
  taken_ += count;
  if (taken_ == first.size()) {
    lines_.pop_front();
    taken_ = 0;
  }
  return count;
}

void stream::abandon() {
  const std::lock_guard lock(mutex_);
  read_by_nobody_ = true;
  lines_.clear();
  taken_ = 0;
}

void stream::cut() {
  const std::lock_guard lock(mutex_);
  cut_ = true;
  changed_.notify_all();
}

}  // namespace sealring::agent::control

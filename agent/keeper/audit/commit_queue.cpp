#include "agent/keeper/audit/commit_queue.hpp"

#include <algorithm>

namespace sealring::agent::audit {

struct commit_queue::batch {
  std::string text;
  std::condition_variable changed;
  bool done = false;
  std::optional<failure> failed;
};

commit_queue::commit_queue(log_file file, link at, bool sync)
    : file_(std::move(file)), sync_(sync), tip_(at), written_(std::move(at)), synced_(written_.next), size_(file_.size()) {}

result<std::uint64_t> commit_queue::append(std::string_view encoded, std::uint64_t nearest, std::string* line) {
  std::unique_lock lock{mutex_};
  if (broken_) return *broken_;
  if (tip_.next > nearest) return fail(condition::retry_later, "too many records were written meanwhile");
  if (!pending_) pending_ = std::make_shared<batch>();
  const auto mine = pending_;
  const std::uint64_t number = tip_.next;
  const std::size_t from = mine->text.size();
  // Under the lock, so that times rise with numbers as long as the clock does.
  const auto now = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
  if (auto added = append_line(mine->text, tip_, now, encoded); !added) return added.error();
  if (line != nullptr) line->assign(mine->text, from, mine->text.size() - from - 1);
  // At most one batch is being written and one gathers: if nobody writes, ours is the one to write.
  while (!mine->done) {
    if (writing_) mine->changed.wait(lock);
    else write_pending(lock);
  }
  if (mine->failed) return *mine->failed;
  return number;
}

void commit_queue::write_pending(std::unique_lock<std::mutex>& lock) {
  const auto ours = std::move(pending_);
  const link after = tip_;
  writing_ = true;
  lock.unlock();
  auto trouble = file_.append(ours->text, sync_);
  lock.lock();
  writing_ = false;
  ours->done = true;
  if (trouble) {
    ours->failed = trouble->why;
    give_up(trouble->why, trouble->for_good);
  } else {
    written_ = after;
    if (sync_) synced_ = after.next;
    size_ += ours->text.size();
  }
  ours->changed.notify_all();
  if (pending_) pending_->changed.notify_one();
}

// What has gathered follows in the chain on what was not written: it fails, too.
void commit_queue::give_up(const failure& why, bool for_good) {
  if (for_good) broken_ = why;
  tip_ = written_;
  if (!pending_) return;
  pending_->done = true;
  pending_->failed = why;
  pending_->changed.notify_all();
  pending_.reset();
}

link commit_queue::written() const {
  const std::lock_guard lock{mutex_};
  return written_;
}

commit_queue::progress_numbers commit_queue::progress() const noexcept {
  const std::lock_guard lock{mutex_};
  return {written_.next, synced_, size_};
}

result<void> commit_queue::sync() {
  const std::uint64_t before = written().next;
  auto synced = file_.sync();
  const std::lock_guard lock{mutex_};
  if (synced) synced_ = std::max(synced_, before);
  else if (!broken_) broken_ = synced.error();
  return synced;
}

}  // namespace sealring::agent::audit

#include "agent/client/socket_pool.hpp"

#include <sys/stat.h>
#include <unistd.h>

namespace sealring::inline v0::client {
namespace {

bool take(socket_slot& slot, pid_t me) noexcept {
  auto holder = slot.holder.load(std::memory_order_relaxed);
  return holder != me && slot.holder.compare_exchange_strong(holder, me, std::memory_order_acquire);
}

void close_socket(socket_slot& slot) noexcept { const descriptor closed{std::exchange(slot.fd, -1)}; }

void note_identity(socket_slot& slot) noexcept {
  struct stat status{};
  static_cast<void>(::fstat(slot.fd, &status));
  slot.device = status.st_dev;
  slot.inode = status.st_ino;
}

bool is_still_ours(const socket_slot& slot) noexcept {
  struct stat status{};
  return ::fstat(slot.fd, &status) == 0 && status.st_dev == slot.device && status.st_ino == slot.inode;
}

}  // namespace

socket_pool::socket_pool(descriptor only) : single_{true}, made_by_{::getpid()} {
  slots_[0].fd = only.release();
  slots_[0].opened_by = made_by_;
  note_identity(slots_[0]);
}

socket_pool::~socket_pool() {
  for (auto& slot : slots_)
    if (slot.fd >= 0 && is_still_ours(slot)) close_socket(slot);
}

socket_slot* socket_pool::take_any(pid_t me) noexcept {
  for (auto& slot : slots_)
    if (take(slot, me)) return &slot;
  return nullptr;
}

socket_slot* socket_pool::take_single(pid_t me, instant deadline) {
  auto& slot = slots_[0];
  if (me != made_by_) return take(slot, me) ? &slot : nullptr;  // a child process: the mutex may be held by nobody who is here
  std::unique_lock lock{mutex_};
  return given_back_.wait_until(lock, deadline, [&] { return take(slot, me); }) ? &slot : nullptr;
}

void socket_pool::give_back(socket_slot& slot, pid_t me) noexcept {
  if (!single_ || me != made_by_) return slot.holder.store(0, std::memory_order_release);
  {
    const std::lock_guard lock{mutex_};
    slot.holder.store(0, std::memory_order_release);
  }
  given_back_.notify_one();
}

socket_pool::turn::turn(socket_pool& pool, instant deadline)
    : pool_{pool}, process_{::getpid()}, slot_{pool.single_ ? pool.take_single(process_, deadline) : pool.take_any(process_)} {
  if (slot_ == nullptr && !pool.single_) slot_ = &extra_;
  if (slot_ == nullptr || slot_->fd < 0) return;
  if (!is_still_ours(*slot_)) slot_->fd = -1;
  else if (slot_->opened_by != process_) close();
}

socket_pool::turn::~turn() {
  if (slot_ == &extra_) close();
  else if (slot_ != nullptr) pool_.give_back(*slot_, process_);
}

void socket_pool::turn::open(descriptor fd) noexcept {
  close();
  slot_->fd = fd.release();
  slot_->opened_by = process_;
  note_identity(*slot_);
}

void socket_pool::turn::close() noexcept { close_socket(*slot_); }

}  // namespace sealring::inline v0::client

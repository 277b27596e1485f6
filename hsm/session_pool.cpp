#include "hsm/session_pool.hpp"

#include <algorithm>

namespace sealring::inline v0::hsm {

session::session(session&& other) noexcept
    : pool_{std::exchange(other.pool_, nullptr)},
      handle_{other.handle_},
      armed_{other.armed_},
      disarmed_{other.disarmed_},
      spoilt_{other.spoilt_} {}

session::~session() {
  if (pool_ != nullptr) pool_->give_back(*this);
}

namespace {

/// Session objects that the anchor holds at most: a token's working memory is no more than some hundred keys in cheap ones.
constexpr std::size_t most_objects = 64;

/// After so long an armed session makes room for another.
constexpr std::chrono::seconds armed_for{10};

// PKCS#11 section 3.2: 0 is "effectively infinite" and ~0 "not said". The count is of all the process's sessions.
std::size_t limit(const module& m, CK_SLOT_ID slot, std::size_t wanted) {
  CK_TOKEN_INFO info{};
  std::size_t most = std::max<std::size_t>(wanted, 1);
  if (!m.threaded()) return 1;
  if (m.call<&CK_FUNCTION_LIST::C_GetTokenInfo>(slot, &info) != CKR_OK) return most;
  for (const CK_ULONG said : {info.ulMaxSessionCount, info.ulMaxRwSessionCount})
    if (said != CK_EFFECTIVELY_INFINITE && said != CK_UNAVAILABLE_INFORMATION) most = std::min<std::size_t>(most, said);
  return most;
}

// tpm2-pkcs11 counts what was under way on a session that is closed for ever, and destroys no key with anything under way.
bool loses_operations(const module& m) { return m.description().find("TPM2.0 Cryptoki") != std::string::npos; }

}  // namespace

session_pool::session_pool(std::shared_ptr<module> m, CK_SLOT_ID slot, std::size_t most)
    : module_{std::move(m)},
      slot_{slot},
      most_{limit(*module_, slot, most)},
      most_armed_{loses_operations(*module_) ? 0 : (most_ - 1) / 2} {}

session_pool::~session_pool() {
  for (const auto handle : idle_) close(handle);
  for (const waiting& one : armed_) close(one.handle);
  if (anchor_ != CK_INVALID_HANDLE) close(anchor_);
}

// Read-write even where we only sign: some modules know no other kind; but a token that is write-protected has none. No
// callback: some modules refuse one.
sealring::result<CK_SESSION_HANDLE> session_pool::open() const {
  CK_SESSION_HANDLE handle = CK_INVALID_HANDLE;
  const auto open_as = [&](CK_FLAGS kind) {
    return module_->call<&CK_FUNCTION_LIST::C_OpenSession>(slot_, kind, nullptr, nullptr, &handle);
  };
  CK_RV rv = open_as(CKF_SERIAL_SESSION | CKF_RW_SESSION);
  if (rv == CKR_TOKEN_WRITE_PROTECTED) rv = open_as(CKF_SERIAL_SESSION);
  if (rv != CKR_OK) return fail(errc{rv});
  return handle;
}

void session_pool::close(CK_SESSION_HANDLE handle) const noexcept {
  // A session that cannot be closed is gone already, or so is the token: nothing more can be done about it.
  module_->call<&CK_FUNCTION_LIST::C_CloseSession>(handle);
}

void session_pool::close_worker(lock& held, CK_SESSION_HANDLE worker) noexcept {
  held.unlock();
  close(worker);
  held.lock();
  --workers_;
}

sealring::result<session> session_pool::acquire(clock::time_point deadline) {
  lock held{mutex_};
  const auto ticket = next_ticket_++;
  queue_.push_back(ticket);
  const bool first = changed_.wait_until(held, deadline, [&] { return queue_.front() == ticket; });
  auto handle = first ? take(held, deadline) : sealring::result<CK_SESSION_HANDLE>{fail(trouble::sessions_busy)};
  std::erase(queue_, ticket);
  changed_.notify_all();
  if (!handle) return handle.error();
  return session{*this, *handle};
}

// Runs at the head of the queue, so that never two open sessions at once. The lock is not held while the module works.
sealring::result<CK_SESSION_HANDLE> session_pool::take(lock& held, clock::time_point deadline) {
  const auto open_unlocked = [&] {
    held.unlock();
    auto opened = open();
    held.lock();
    return opened;
  };
  if (anchor_ == CK_INVALID_HANDLE) {
    auto opened = open_unlocked();
    if (!opened) return opened;
    anchor_ = *opened;
  }
  // A token that has no session left says so with various codes, so any refusal means: make do with those we have.
  std::size_t ceiling = most_ - 1;
  while (true) {
    if (!idle_.empty()) {
      const auto handle = idle_.back();
      idle_.pop_back();
      return handle;
    }
    if (workers_ < ceiling) {
      if (auto opened = open_unlocked()) {
        ++workers_;
        return opened;
      }
      ceiling = workers_;
      continue;
    }
    // What is under way on it ends with it: PKCS#11 2.40 has no other way that signs nothing.
    if (!armed_.empty()) {
      const auto oldest = armed_.front().handle;
      armed_.erase(armed_.begin());
      close_worker(held, oldest);
      continue;
    }
    if (workers_ == 0 && !anchor_lent_) {
      anchor_lent_ = true;
      return anchor_;
    }
    if (changed_.wait_until(held, deadline) == std::cv_status::timeout) return fail(trouble::sessions_busy);
  }
}

void session_pool::give_back(const session& s) noexcept {
  lock held{mutex_};
  if (s.handle_ == anchor_) {
    if (s.spoilt_ || anchor_doomed_) replace_anchor(held);
    anchor_lent_ = false;
  } else if (s.spoilt_ || (s.armed_ && s.disarmed_ != disarmed_)) {
    close_worker(held, s.handle_);
  } else if (s.armed_) {
    armed_.push_back({s.handle_, *s.armed_, clock::now()});
  } else {
    idle_.push_back(s.handle_);
  }
  changed_.notify_all();
}

std::optional<session> session_pool::acquire_to_arm() {
  lock held{mutex_};
  if (idle_.empty() || !queue_.empty()) return std::nullopt;
  std::optional<CK_SESSION_HANDLE> expired;
  if (armed_.size() >= most_armed_) {
    if (armed_.empty() || armed_.front().since + armed_for > clock::now()) return std::nullopt;
    expired = armed_.front().handle;
    armed_.erase(armed_.begin());
  }
  session taken{*this, idle_.back()};
  taken.disarmed_ = disarmed_;
  idle_.pop_back();
  if (expired) {
    close_worker(held, *expired);
    changed_.notify_all();
  }
  return taken;
}

std::optional<session> session_pool::acquire_armed(const void* by, CK_MECHANISM_TYPE mechanism) {
  const lock held{mutex_};
  for (auto one = armed_.rbegin(); one != armed_.rend(); ++one) {
    if (one->for_what.by != by || one->for_what.mechanism != mechanism) continue;
    session taken{*this, one->handle, one->for_what};
    armed_.erase(std::next(one).base());
    return taken;
  }
  return std::nullopt;
}

void session_pool::disarm(const void* by) noexcept {
  lock held{mutex_};
  if (by == nullptr) ++disarmed_;
  while (true) {
    const auto one = std::ranges::find_if(armed_, [by](const waiting& w) { return by == nullptr || w.for_what.by == by; });
    if (one == armed_.end()) break;
    const auto handle = one->handle;
    armed_.erase(one);
    close_worker(held, handle);
  }
  changed_.notify_all();
}

/// While it is lent, so that nobody else has it.
void session_pool::replace_anchor(lock& held) {
  // The new one first: without any session open, the login would be lost.
  anchor_goes();
  anchor_doomed_ = false;
  const auto old = anchor_;
  held.unlock();
  auto opened = open();
  close(old);
  held.lock();
  anchor_ = opened ? *opened : CK_SESSION_HANDLE{CK_INVALID_HANDLE};
}

void session_pool::anchor_goes() noexcept {
  ++generation_;
  objects_ = 0;
}

std::optional<session> session_pool::borrow_anchor() {
  const lock held{mutex_};
  if (anchor_ == CK_INVALID_HANDLE || anchor_lent_ || objects_ >= most_objects) return std::nullopt;
  anchor_lent_ = true;
  return session{*this, anchor_};
}

void session_pool::count_object() {
  const lock held{mutex_};
  ++objects_;
}

void session_pool::shed_objects() {
  lock held{mutex_};
  if (anchor_lent_) {  // perhaps to somebody who makes one
    anchor_goes();
    anchor_doomed_ = true;
    return;
  }
  if (objects_ == 0 || anchor_ == CK_INVALID_HANDLE) return;
  anchor_lent_ = true;
  replace_anchor(held);
  anchor_lent_ = false;
  changed_.notify_all();
}

void session_pool::discard_stale() {
  disarm();
  lock held{mutex_};
  for (const auto handle : idle_) close(handle);
  workers_ -= idle_.size();
  idle_.clear();
  CK_SESSION_INFO info{};
  if (!anchor_lent_ && anchor_ != CK_INVALID_HANDLE &&
      module_->call<&CK_FUNCTION_LIST::C_GetSessionInfo>(anchor_, &info) != CKR_OK) {
    anchor_goes();
    anchor_ = CK_INVALID_HANDLE;
  }
  changed_.notify_all();
}

bool session_pool::close_all(clock::time_point deadline) {
  lock held{mutex_};
  const auto ticket = next_ticket_++;
  queue_.push_back(ticket);
  const bool alone = changed_.wait_until(
      held, deadline, [&] { return queue_.front() == ticket && idle_.size() + armed_.size() == workers_ && !anchor_lent_; });
  if (alone) {
    anchor_goes();
    module_->call<&CK_FUNCTION_LIST::C_CloseAllSessions>(slot_);  // whatever it answers, none of them is used again
    idle_.clear();
    armed_.clear();
    workers_ = 0;
    anchor_ = CK_INVALID_HANDLE;
  }
  std::erase(queue_, ticket);
  changed_.notify_all();
  return alone;
}

}  // namespace sealring::inline v0::hsm

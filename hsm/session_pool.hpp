// Sessions on one token: few, reused, handed out in turn.
//
// A token has only so many sessions (a YubiHSM 16, some cards one), and opening one is slow. One session, the anchor, stays
// open for ever, because the last one to close logs the process out. It is lent only where the token gives us no other.
//
// Some may be armed: C_SignInit has been called on them, and they wait for what C_Sign is to sign. They are lent for that
// alone, unless there is no other session left.
#pragma once

#include "hsm/module.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <optional>
#include <vector>

namespace sealring::inline v0::hsm {

class session_pool;

/// What a session is armed for.
struct arming {
  const void* by;  ///< the key_handle
  CK_MECHANISM_TYPE mechanism;
  bool copy;             ///< C_SignInit was given the key's copy
  std::uint64_t number;  ///< the copy's generation, or the token's epoch: when the handle was good
};

/// A session that is one thread's alone, back in the pool when this goes out of scope.
class session {
public:
  session(session&& other) noexcept;
  session& operator=(session&&) = delete;
  ~session();

  CK_SESSION_HANDLE handle() const noexcept { return handle_; }

  /// Something failed on it: it will be closed rather than used again. A failed operation may still be active in the module,
  /// and some modules answer wrongly after one.
  void spoil() noexcept { spoilt_ = true; }

  /// C_SignInit has been called on it, and C_Sign is not: it goes back as an armed one.
  void arm(const arming& for_what) noexcept { armed_ = for_what; }
  /// Where it came as an armed one.
  const std::optional<arming>& armed() const noexcept { return armed_; }
  /// C_Sign has been called.
  void disarm() noexcept { armed_.reset(); }

private:
  friend session_pool;
  session(session_pool& pool, CK_SESSION_HANDLE handle, std::optional<arming> armed = {}) noexcept
      : pool_{&pool}, handle_{handle}, armed_{armed} {}
  session_pool* pool_;
  CK_SESSION_HANDLE handle_;
  std::optional<arming> armed_;
  std::uint64_t disarmed_ = 0;  // session_pool::disarmed_ when it was lent
  bool spoilt_ = false;
};

/// Safe from many threads. Neither copied nor moved: sessions point to it.
class session_pool {
public:
  using clock = std::chrono::steady_clock;

  /// `most` sessions at most, the anchor included, and never more than the token says it has.
  session_pool(std::shared_ptr<module> m, CK_SLOT_ID slot, std::size_t most);
  session_pool(const session_pool&) = delete;
  session_pool& operator=(const session_pool&) = delete;
  ~session_pool();

  /// A session, first come first served; trouble::sessions_busy at the deadline.
  [[nodiscard]] sealring::result<session> acquire(clock::time_point deadline);

  /// One to be armed. Never waits nor opens one: nothing where none is idle, or as many are armed as may be, which is less than
  /// half of all. Those that nobody wanted for ten seconds make room. Nothing ever where the module is known to suffer by it.
  [[nodiscard]] std::optional<session> acquire_to_arm();
  /// One that was armed so, if there is one: the last, so that those too many grow old.
  [[nodiscard]] std::optional<session> acquire_armed(const void* by, CK_MECHANISM_TYPE mechanism);
  /// Closes those that were armed by this key_handle; by all, without one, and those that somebody is arming, too.
  void disarm(const void* by = nullptr) noexcept;

  /// The anchor, for making session objects that live as long as it does; nothing while it is lent, or where the token has no
  /// room for many. They are to be counted. Never waits.
  [[nodiscard]] std::optional<session> borrow_anchor();
  void count_object();
  /// Told apart by this number: another anchor, other objects. It changes before an anchor is closed.
  [[nodiscard]] std::uint64_t anchor_generation() const noexcept { return generation_; }
  /// Another anchor, without any objects, if there are any. Where it is lent they cannot be told apart any more, and go when it
  /// comes back.
  void shed_objects();

  /// After the token has lost sessions: closes the idle ones, and the anchor if the token no longer knows it.
  void discard_stale();

  /// C_CloseAllSessions, which logs the process out, once no session is lent; false if one still is at the deadline. Under a
  /// session that is lent it would be deadly: the module may give its handle to somebody else.
  [[nodiscard]] bool close_all(clock::time_point deadline);

private:
  friend session;
  using lock = std::unique_lock<std::mutex>;
  sealring::result<CK_SESSION_HANDLE> take(lock& held, clock::time_point deadline);
  void give_back(const session&) noexcept;
  sealring::result<CK_SESSION_HANDLE> open() const;
  void close(CK_SESSION_HANDLE handle) const noexcept;
  void close_worker(lock& held, CK_SESSION_HANDLE worker) noexcept;
  void replace_anchor(lock& held);
  void anchor_goes() noexcept;

  std::shared_ptr<module> module_;
  CK_SLOT_ID slot_;
  std::size_t most_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::uint64_t> queue_;  // tickets of those who wait
  std::uint64_t next_ticket_ = 0;
  std::vector<CK_SESSION_HANDLE> idle_;
  struct waiting {
    CK_SESSION_HANDLE handle;
    arming for_what;
    clock::time_point since;
  };
  std::vector<waiting> armed_;  // the oldest first
  std::size_t most_armed_;
  std::uint64_t disarmed_ = 0;  // how often all were
  std::size_t workers_ = 0;     // open sessions but the anchor: idle, armed or lent
  CK_SESSION_HANDLE anchor_ = CK_INVALID_HANDLE;
  bool anchor_lent_ = false;
  bool anchor_doomed_ = false;  // when it comes back
  std::size_t objects_ = 0;     // in the anchor
  std::atomic<std::uint64_t> generation_ = 1;
};

}  // namespace sealring::inline v0::hsm

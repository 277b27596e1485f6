// What everything that talks to one token shares: its module, its sessions, its login, and the way back from a failure.
#pragma once

#include "hsm/pin.hpp"
#include "hsm/session_pool.hpp"

#include <optional>

namespace sealring::inline v0::hsm {

/// What a token says about itself, blanks trimmed.
struct token_info {
  CK_SLOT_ID slot = 0;
  std::string label;
  std::string manufacturer;
  std::string model;
  std::string serial;
  CK_FLAGS flags = 0;  ///< when it was found; login reads them afresh

  bool initialized() const noexcept { return (flags & CKF_TOKEN_INITIALIZED) != 0; }
  bool login_required() const noexcept { return (flags & CKF_LOGIN_REQUIRED) != 0; }
  bool pin_pad() const noexcept { return (flags & CKF_PROTECTED_AUTHENTICATION_PATH) != 0; }

  /// Manufacturer, model and serial number: what tells it from every other token, whatever slot it is in.
  std::string identity() const { return manufacturer + '/' + model + '/' + serial; }

  /// "'sealring' (serial 1f2e, slot 7)"
  std::string text() const;
};

/// Whether signatures are made with a session copy of the key (session_copy.hpp): never, unless it proves slower, or
/// wherever the token allows it.
enum class copy_use { never, automatic, always };

struct token_options {
  std::size_t most_sessions = 8;               ///< never more than the token allows
  std::chrono::milliseconds patience{30'000};  ///< how long a call waits for a session
  copy_use copies = copy_use::never;
};

/// Safe from many threads; shared by the token's handles and keys.
class token_link {
public:
  token_link(std::shared_ptr<hsm::module> in, token_info info, token_options options);

  const hsm::module& module() const noexcept { return *module_; }
  const token_info& info() const noexcept { return info_; }

  result<void> login(pin p, const std::filesystem::path& state);
  result<void> login_at_pin_pad();

  [[nodiscard]] sealring::result<session> acquire();

  /// Runs `work(session)`; once more on a fresh session if it failed for a reason that recover() can mend.
  template <class Work>
  auto run(Work work) -> decltype(work(std::declval<session&>())) {
    const auto seen = epoch();
    auto done = on_session(work);
    if (!done && recover(done.error(), seen)) done = on_session(work);
    return done;
  }

  /// Runs `work(session)`, once.
  template <class Work>
  auto on_session(Work&& work) -> decltype(work(std::declval<session&>())) {
    auto s = acquire();
    if (!s) return s.error();
    return work(*s);
  }

  /// Counts the recoveries: a failure seen under an old count has been dealt with by another thread.
  std::uint64_t epoch() const noexcept { return epoch_; }

  /// After a call failed with `what`: true if sessions and login are good again, and the call worth one more try on a fresh
  /// session, with the key looked up anew. Logs in again only with a PIN that this token has taken from us.
  bool recover(std::error_code what, std::uint64_t seen);

  /// For session_copy: see session_pool.
  [[nodiscard]] std::optional<session> borrow_anchor() { return pool_.borrow_anchor(); }
  void count_copy() { pool_.count_object(); }
  std::uint64_t anchor_generation() const noexcept { return pool_.anchor_generation(); }

  /// For key_handle: see session_pool.
  [[nodiscard]] std::optional<session> acquire_to_arm() { return pool_.acquire_to_arm(); }
  [[nodiscard]] std::optional<session> acquire_armed(const void* by, CK_MECHANISM_TYPE mechanism) {
    return pool_.acquire_armed(by, mechanism);
  }
  void disarm(const void* by = nullptr) { pool_.disarm(by); }

  /// Whatever sessions hold of keys goes: copies, and what they were armed with.
  void shed_keys();

  copy_use copies() const noexcept { return options_.copies; }

  /// trouble::not_logged_in unless the process is, or the token wants no login.
  sealring::result<void> check_login(session& s) const;

  /// The mechanism's limits and flags; nothing if the token lacks it.
  std::optional<CK_MECHANISM_INFO> mechanism(CK_MECHANISM_TYPE type) const;

private:
  /// What C_Login's answer says about the PIN.
  enum class verdict { accepted, refused, not_tried, unknown };
  static verdict judge(CK_RV rv) noexcept;
  result<void> judge_flags() const;
  result<verdict> log_in(const pin& p);
  result<bool> logged_in();

  std::shared_ptr<hsm::module> module_;
  token_info info_;
  token_options options_;
  session_pool pool_;
  std::mutex login_;  // one login at a time; guards what follows
  std::optional<pin> accepted_;
  std::filesystem::path state_;
  session_pool::clock::time_point next_reset_{};
  std::atomic<std::uint64_t> epoch_ = 1;
};

}  // namespace sealring::inline v0::hsm

#include "hsm/session_copy.hpp"

#include "hsm/attributes.hpp"

#include <algorithm>

namespace sealring::inline v0::hsm {

namespace {

// It may be different after the recovery that will follow. All else is the token's or the key's last word.
bool may_pass(std::error_code what) noexcept {
  return what == errc::session_handle_invalid || what == errc::session_closed || what == errc::user_not_logged_in ||
         what == errc::device_error || what == errc::device_removed || what == errc::token_not_present ||
         what == errc::key_handle_invalid || what == errc::object_handle_invalid;
}

// What the token does not say counts against the copy. That it is no token object comes first: one would outlive us.
sealring::result<void> check_custody(const object_reader& reader, CK_OBJECT_HANDLE copy) {
  struct fact {
    CK_ATTRIBUTE_TYPE type;
    flag wanted;
  };
  for (const auto& [type, wanted] :
       {fact{CKA_TOKEN, flag::no}, {CKA_PRIVATE, flag::yes}, {CKA_SENSITIVE, flag::yes}, {CKA_EXTRACTABLE, flag::no}}) {
    const auto said = reader.read_flag(copy, type);
    if (!said) return said.error();
    if (*said != wanted) return fail(trouble::key_not_safe);
  }
  return {};
}

}  // namespace

bool session_copy::wanted() noexcept {
  const auto now = state_.load();
  if (now != state::on_trial) return now == state::wanted;
  const std::lock_guard lock{mutex_};
  return turn_++ % 2 == 1;
}

std::optional<session_copy::ready> session_copy::get(token_link& token, CK_OBJECT_HANDLE original) {
  const std::lock_guard lock{mutex_};
  if (state_ == state::unwanted) return std::nullopt;
  const auto current = token.anchor_generation();
  if (made_ && made_->generation == current) return made_;
  made_.reset();
  if (given_up_ == current) return std::nullopt;
  auto anchor = token.borrow_anchor();
  if (!anchor) return std::nullopt;
  const auto generation = token.anchor_generation();  // it may have been another a moment ago
  auto handle = make(token, *anchor, original);
  if (handle) return made_ = ready{*handle, generation};
  if (may_pass(handle.error())) given_up_ = generation;
  else state_ = state::unwanted;
  return std::nullopt;
}

sealring::result<CK_OBJECT_HANDLE> session_copy::make(token_link& token, session& anchor, CK_OBJECT_HANDLE original) const {
  CK_OBJECT_HANDLE copy = CK_INVALID_HANDLE;
  const CK_RV rv = token.module().copy_to_session(anchor.handle(), original, copy);
  if (rv != CKR_OK) return fail(errc{rv});
  token.count_copy();
  const object_reader reader{token.module(), anchor};
  const auto good = check_custody(reader, copy);
  if (good) return copy;
  static_cast<void>(reader.destroy(copy));  // where it cannot be destroyed, the anchor goes, and the copy with it
  return good.error();
}

void session_copy::took(bool with_copy, std::chrono::nanoseconds time) noexcept {
  if (state_ != state::on_trial) return;
  const std::lock_guard lock{mutex_};
  auto& mine = trial_[with_copy ? 1 : 0];
  ++mine.count;
  mine.best = std::min(mine.best, time);
  if (trial_[0].count < rounds || trial_[1].count < rounds) return;
  // In doubt the copy: a token may gain much by it, and loses little.
  const bool slower = trial_[1].best > trial_[0].best + trial_[0].best / 20;
  auto trial = state::on_trial;  // unless it was refused meanwhile
  state_.compare_exchange_strong(trial, slower ? state::unwanted : state::wanted);
}

void session_copy::failed(const ready& copy) noexcept {
  const std::lock_guard lock{mutex_};
  if (!made_ || made_->generation != copy.generation || made_->handle != copy.handle) return;
  made_.reset();
  given_up_ = copy.generation;
  if (++failures_ == 2) state_ = state::unwanted;
}

void session_copy::worked() noexcept {
  const std::lock_guard lock{mutex_};
  failures_ = 0;
}

void session_copy::refuse() noexcept { state_ = state::unwanted; }

}  // namespace sealring::inline v0::hsm

#include "hsm/token_link.hpp"

#include "hsm/pin_mark.hpp"

namespace sealring::inline v0::hsm {

// Only what surely came before the token looked at it counts as not tried.
token_link::verdict token_link::judge(CK_RV rv) noexcept {
  if (rv == CKR_OK) return verdict::accepted;
  switch (errc{rv}) {
    case errc::pin_incorrect:
    case errc::pin_invalid:
    case errc::pin_len_range:
    case errc::pin_expired:
    case errc::pin_locked: return verdict::refused;
    case errc::user_already_logged_in:
    case errc::user_another_already_logged_in:
    case errc::user_pin_not_initialized:
    case errc::user_type_invalid:
    case errc::session_handle_invalid:
    case errc::session_closed:
    case errc::session_read_only_exists:
    case errc::arguments_bad:
    case errc::token_not_present:
    case errc::function_not_supported:
    case errc::cryptoki_not_initialized: return verdict::not_tried;
    default: return verdict::unknown;
  }
}

std::string token_info::text() const {
  return '\'' + label + "' (serial " + (serial.empty() ? "unknown" : serial) + ", slot " + std::to_string(slot) + ')';
}

token_link::token_link(std::shared_ptr<hsm::module> in, token_info info, token_options options)
    : module_{std::move(in)}, info_{std::move(info)}, options_{options}, pool_{module_, info_.slot, options.most_sessions} {}

sealring::result<session> token_link::acquire() { return pool_.acquire(session_pool::clock::now() + options_.patience); }

std::optional<CK_MECHANISM_INFO> token_link::mechanism(CK_MECHANISM_TYPE type) const {
  CK_MECHANISM_INFO info{};
  if (module_->call<&CK_FUNCTION_LIST::C_GetMechanismInfo>(info_.slot, type, &info) != CKR_OK) return std::nullopt;
  return info;
}

// Login is the process's, not the session's, so any session tells.
sealring::result<void> token_link::check_login(session& s) const {
  if (!info_.login_required()) return {};
  CK_SESSION_INFO info{};
  const CK_RV rv = module_->call<&CK_FUNCTION_LIST::C_GetSessionInfo>(s.handle(), &info);
  if (rv != CKR_OK) {
    s.spoil();
    return fail(errc{rv});
  }
  if (info.state != CKS_RW_USER_FUNCTIONS && info.state != CKS_RO_USER_FUNCTIONS) return fail(trouble::not_logged_in);
  return {};
}

result<bool> token_link::logged_in() {
  auto s = acquire();
  if (!s) return failure{s.error(), "no session on the token " + info_.text()};
  const auto checked = check_login(*s);
  if (checked) return true;
  if (checked.error() == make_error_code(trouble::not_logged_in)) return false;
  return failure{checked.error(), "the token " + info_.text() + " cannot be asked for its state"};
}

// A token in its last try is not tried even with a PIN that may be right: a wrong one would need a security officer, or a new
// token. COUNT_LOW is no obstacle, as it follows any wrong PIN by anybody, and an operator who has put the right PIN in place
// must be let in.
result<void> token_link::judge_flags() const {
  CK_TOKEN_INFO now{};
  const CK_RV rv = module_->call<&CK_FUNCTION_LIST::C_GetTokenInfo>(info_.slot, &now);
  if (rv != CKR_OK) return failure{errc{rv}, "the token " + info_.text() + " cannot be asked for its state"};
  const std::string which = "the token " + info_.text();
  const std::string here = trimmed(now.manufacturerID) + '/' + trimmed(now.model) + '/' + trimmed(now.serialNumber);
  if (here != info_.identity())
    return failure{trouble::token_not_found, which + " was replaced: " + here + " is in its slot, which is not shown the PIN"};
  if ((now.flags & CKF_USER_PIN_LOCKED) != 0)
    return failure{trouble::pin_locked, which + " is locked after too many wrong PINs: unlock it with its security officer"};
  if ((now.flags & CKF_USER_PIN_FINAL_TRY) != 0)
    return failure{trouble::pin_last_try, which +
                                              " would be locked by one more wrong PIN, so none is tried: log in once by hand "
                                              "with the token's own tool, which sets the count back"};
  if ((now.flags & CKF_USER_PIN_TO_BE_CHANGED) != 0)
    return failure{trouble::pin_to_be_changed, which + " wants its PIN changed first: do so with the token's own tool"};
  return {};
}

result<void> token_link::login(pin p, const std::filesystem::path& state) {
  const std::lock_guard lock{login_};
  if (!info_.login_required()) return {};
  auto already = logged_in();
  if (!already) return already.error();
  if (*already) return {};
  state_ = state;
  const auto said = log_in(p);
  if (!said) return said.error();
  if (*said == verdict::accepted) accepted_ = std::move(p);
  return {};
}

result<token_link::verdict> token_link::log_in(const pin& p) {
  if (p.view().empty() || p.view().front() == 0)
    return failure{trouble::pin_unavailable, "the PIN is gone: a child process has no part in its parent's"};
  if (auto good = judge_flags(); !good) return good.error();
  auto s = acquire();
  if (!s) return failure{s.error(), "no session on the token " + info_.text()};
  auto mark = pin_mark::before_login(state_, info_.identity(), p);
  if (!mark) return failure{mark.error().code, "the token " + info_.text() + ": " + mark.error().what};
  // Again, now that no other process is trying: it may have used up a try while we waited for it.
  if (auto good = judge_flags(); !good) {
    if (auto noted = mark->not_tried(); !noted) return noted.error();
    return good.error();
  }
  const auto text = p.view();
  const CK_RV rv = module_->call<&CK_FUNCTION_LIST::C_Login>(s->handle(), CK_USER_TYPE{CKU_USER},
                                                             const_cast<CK_UTF8CHAR*>(text.data()), CK_ULONG{text.size()});
  if (rv != CKR_OK) s->spoil();
  const auto said = judge(rv);
  result<void> noted;
  if (said == verdict::accepted) noted = mark->accepted();
  if (said == verdict::refused) noted = mark->refused();
  if (said == verdict::not_tried) noted = mark->not_tried();
  if (!noted) return noted.error();

  const std::string which = "the token " + info_.text();
  if (said == verdict::accepted || errc{rv} == errc::user_already_logged_in) return said;
  if (said == verdict::refused)
    return failure{errc{rv}, which + " refuses the PIN; it will not be tried again, so put the right PIN in its place"};
  if (said == verdict::unknown) return failure{errc{rv}, "cannot log in: " + which + " did not say what it made of the PIN"};
  return failure{errc{rv}, "cannot log in to " + which};
}

result<void> token_link::login_at_pin_pad() {
  const std::lock_guard lock{login_};
  if (!info_.login_required()) return {};
  auto already = logged_in();
  if (!already) return already.error();
  if (*already) return {};
  if (!info_.pin_pad()) return failure{trouble::pin_unavailable, "the token " + info_.text() + " has no PIN pad of its own"};
  if (auto good = judge_flags(); !good) return good;
  auto s = acquire();
  if (!s) return failure{s.error(), "no session on the token " + info_.text()};
  const CK_RV rv = module_->call<&CK_FUNCTION_LIST::C_Login>(s->handle(), CK_USER_TYPE{CKU_USER}, nullptr, CK_ULONG{0});
  if (rv == CKR_OK || errc{rv} == errc::user_already_logged_in) return {};
  s->spoil();
  return failure{errc{rv}, "the token " + info_.text() + " refuses what was entered at its PIN pad"};
}

namespace {

// Codes that say no more than that something is wrong with the device, the token in it, or the way to it.
bool speaks_of_device(std::error_code what) noexcept {
  return what == errc::device_error || what == errc::device_removed || what == errc::token_not_present ||
         what == errc::function_failed || what == errc::general_error;
}

/// Now, or before in the record of tries.
bool is_refusal(std::error_code why) noexcept {
  return why == trouble::pin_refused || why == errc::pin_incorrect || why == errc::pin_invalid || why == errc::pin_len_range ||
         why == errc::pin_expired || why == errc::pin_locked;
}

constexpr std::chrono::seconds between_resets{5};
constexpr std::chrono::milliseconds reset_patience{500};

}  // namespace

void token_link::shed_keys() {
  pool_.shed_objects();
  pool_.disarm();
}

// The ladder's first three rungs: fresh sessions, a login with the PIN that this token took from us before, and for failures
// that say nothing of their cause, all sessions closed and opened again. A PIN that the token now refuses is marked like any
// other. The next rung, a new process, is for whoever runs this one, and so is the deadline of a call that does not return:
// no call into a module can be given up, only its process can. What can be waited for, it is waited for here: sessions that
// others have, for token_options::patience, and half a second before all are closed.
bool token_link::recover(std::error_code what, std::uint64_t seen) {
  const bool logged_out = what == errc::user_not_logged_in || what == trouble::not_logged_in;
  if (!logged_out && what.category() != pkcs11_category()) return false;
  const bool lost_sessions = what == errc::session_handle_invalid || what == errc::session_closed;
  const bool lost_objects = what == errc::key_handle_invalid || what == errc::object_handle_invalid;
  const bool dirty = what == errc::operation_active || what == errc::operation_not_initialized;
  const bool device = speaks_of_device(what);
  if (!lost_sessions && !lost_objects && !dirty && !logged_out && !device) return false;

  const std::lock_guard lock{login_};
  if (epoch_ != seen) return true;
  if (device && info_.login_required() && !accepted_) return false;  // what is logged in stays so: we could not do it again
  if (lost_sessions) {
    ++epoch_;  // from here on no handle of before is believed
    pool_.discard_stale();
  }
  if (device) {
    // A request that this token always fails must not cost the others their sessions again and again.
    const auto now = session_pool::clock::now();
    if (now < next_reset_) return false;
    next_reset_ = now + between_resets;
    ++epoch_;
    if (!pool_.close_all(now + reset_patience)) return false;
  }
  if (info_.login_required()) {
    auto still = logged_in();
    if (!still) return false;
    if (!*still) {
      if (!accepted_) return false;
      if (auto again = log_in(*accepted_); !again) {
        if (is_refusal(again.error().code)) accepted_.reset();
        return false;
      }
    }
  }
  shed_keys();  // whatever was wrong, what rests on it is made anew as well
  ++epoch_;
  return true;
}

}  // namespace sealring::inline v0::hsm

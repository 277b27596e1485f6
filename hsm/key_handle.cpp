#include "hsm/key_handle.hpp"

#include "hsm/attributes.hpp"

namespace sealring::inline v0::hsm {

namespace {

// More than any signature needs. Asking for the length first would use up the operation in some modules.
constexpr std::size_t usual_room = 2048;
constexpr std::size_t most_room = 1 << 16;

/// A key that was used twice within this time will be again.
constexpr std::chrono::seconds in_use_for{1};

/// Failures in a row after which a key is not armed for any more.
constexpr unsigned most_in_vain = 8;  // more than can be armed at once

}  // namespace

key_handle::key_handle(std::shared_ptr<token_link> token, CK_OBJECT_HANDLE found, std::uint64_t epoch, bytes id,
                       std::string label, any_public_key public_key)
    : token_{std::move(token)},
      id_{std::move(id)},
      label_{std::move(label)},
      public_key_{std::move(public_key)},
      found_{found, epoch},
      copy_{token_->copies()} {}

key_handle::~key_handle() { token_->disarm(this); }

sealring::result<key_handle::answer> key_handle::sign(mechanism how, bytes_view input) const {
  const auto now = session_pool::clock::now().time_since_epoch();
  in_use_ = now - session_pool::clock::duration{last_used_.exchange(now.count())} < in_use_for;
  const bytes data = how.to_be_signed(input);
  if (auto done = sign_armed(how, data)) return *std::move(done);
  if (copy_.wanted()) {
    auto done =
        token_->on_session([&](session& s) -> sealring::result<std::optional<answer>> { return sign_with_copy(s, how, data); });
    if (!done && done.error() == make_error_code(trouble::sessions_busy)) return done.error();  // it has waited long enough
    if (done && *done) return **std::move(done);
  }
  return token_->run([&](session& s) { return sign_with_key(s, how, data); });
}

void key_handle::prove(const basis& what) const noexcept {
  proof_of(what) = what.number;
  if (what.copy) copy_.worked();
}

bool key_handle::disprove(const basis& what) const noexcept {
  if (what.armed) may_arm_ = false;
  else if (what.copy) copy_.refuse();
  return what.armed || what.copy;
}

bool key_handle::holds(const basis& what) const noexcept {
  return what.copy ? copy_.settled() == true && token_->anchor_generation() == what.number : token_->epoch() == what.number;
}

// After a recovery on another thread the handle may have been given to another object while we signed with it: such a signature
// is as good as unproven.
bool key_handle::is_proven(const basis& what) const noexcept {
  return proof_of(what) == what.number && (what.copy ? token_->anchor_generation() : token_->epoch()) == what.number;
}

// --- Armed sessions ----------------------------------------------------------------------------------------------------------

// While a copy is on trial each signature is timed as a whole.
void key_handle::arm(mechanism how) const {
  const auto with_copy = copy_.settled();
  if (!in_use_ || !may_arm_ || !with_copy) return;
  auto s = token_->acquire_to_arm();
  if (!s) return;
  const auto where = locate(*s);
  if (!where) return;
  const auto copy = *with_copy ? copy_.get(*token_, where->handle) : std::nullopt;
  if (!sign_init(*s, copy ? copy->handle : where->handle, how)) return note_vain_arming();
  s->arm({this, how.type, copy.has_value(), copy ? copy->generation : where->look_up});
  has_armed_ = true;
}

// What has spoilt one has spoilt all that this key has.
void key_handle::note_vain_arming() const noexcept {
  if (++armed_in_vain_ == most_in_vain) may_arm_ = false;
  token_->disarm(this);
}

// Whatever fails here, the signature is made without, and that says what is wrong.
std::optional<key_handle::answer> key_handle::sign_armed(mechanism& how, bytes_view data) const {
  if (!has_armed_) return std::nullopt;
  auto s = token_->acquire_armed(this, how.type);
  if (!s) return std::nullopt;
  const basis made_with{s->armed()->copy, s->armed()->number, true, how.pss != nullptr};
  s->disarm();
  if (!holds(made_with)) {
    s->spoil();
    return std::nullopt;
  }
  auto raw = sign_data(*s, data);
  if (!raw) {
    note_vain_arming();
    return std::nullopt;
  }
  armed_in_vain_ = 0;
  return answer{*std::move(raw), made_with, is_proven(made_with)};
}

// --- With the key, or its copy -----------------------------------------------------------------------------------------------

// Every recovery starts a new epoch, and a handle is good for the epoch it was found in.
sealring::result<key_handle::location> key_handle::locate(session& s) const {
  const std::lock_guard lock{mutex_};
  const auto epoch = token_->epoch();
  if (found_.look_up == epoch) return found_;
  const auto found = object_reader{token_->module(), s}.find(key_template(CKO_PRIVATE_KEY, id_, label_));
  if (!found) return found.error();
  if (found->empty()) {
    if (auto in = token_->check_login(s); !in) return in.error();  // logged out, a token shows no private key
    return fail(trouble::key_not_found);
  }
  if (found->size() > 1) return fail(trouble::key_ambiguous);
  return found_ = {found->front(), epoch};
}

sealring::result<key_handle::answer> key_handle::sign_with_key(session& s, mechanism& how, bytes_view data) const {
  const auto where = locate(s);
  if (!where) return where.error();
  const auto begin = std::chrono::steady_clock::now();
  auto raw = sign_raw(s, where->handle, how, data);
  if (!raw) return raw.error();
  copy_.took(false, std::chrono::steady_clock::now() - begin);
  const basis made_with{false, where->look_up, false, how.pss != nullptr};
  return answer{*std::move(raw), made_with, is_proven(made_with)};
}

// Whatever fails here, the key itself is tried next, and says what is wrong.
std::optional<key_handle::answer> key_handle::sign_with_copy(session& s, mechanism& how, bytes_view data) const {
  const auto where = locate(s);
  if (!where) return std::nullopt;
  const auto copy = copy_.get(*token_, where->handle);
  if (!copy) return std::nullopt;
  const auto begin = std::chrono::steady_clock::now();
  auto raw = sign_raw(s, copy->handle, how, data);
  if (!raw) {
    copy_.failed(*copy);
    return std::nullopt;
  }
  copy_.took(true, std::chrono::steady_clock::now() - begin);
  const basis made_with{true, copy->generation, false, how.pss != nullptr};
  return answer{*std::move(raw), made_with, is_proven(made_with)};
}

sealring::result<bytes> key_handle::sign_raw(session& s, CK_OBJECT_HANDLE key, mechanism& how, bytes_view data) const {
  if (auto begun = sign_init(s, key, how); !begun) return begun.error();
  return sign_data(s, data);
}

sealring::result<void> key_handle::sign_init(session& s, CK_OBJECT_HANDLE key, mechanism& how) const {
  CK_MECHANISM raw = how.raw();
  const CK_RV rv = token_->module().call<&CK_FUNCTION_LIST::C_SignInit>(s.handle(), &raw, key);
  if (rv == CKR_OK) return {};
  s.spoil();
  return fail(errc{rv});
}

sealring::result<bytes> key_handle::sign_data(session& s, bytes_view data) const {
  const auto& module = token_->module();
  CK_ULONG size = 0;
  const auto sign = [&](std::span<std::uint8_t> room) {
    size = room.size();
    return module.call<&CK_FUNCTION_LIST::C_Sign>(s.handle(), const_cast<CK_BYTE*>(data.data()), CK_ULONG{data.size()},
                                                  room.data(), &size);
  };
  std::uint8_t usual[usual_room];
  bytes larger;
  std::span<std::uint8_t> room{usual};
  CK_RV rv = sign(room);
  if (rv == CKR_BUFFER_TOO_SMALL && size > room.size() && size <= most_room) {
    larger.resize(size);
    room = larger;
    rv = sign(room);
  }
  if (rv != CKR_OK) {
    s.spoil();
    return fail(errc{rv});
  }
  if (size > room.size()) {
    s.spoil();
    return fail(trouble::malformed_answer);
  }
  return bytes(room.begin(), room.begin() + static_cast<std::ptrdiff_t>(size));
}

}  // namespace sealring::inline v0::hsm

#include "hsm/key_handle.hpp"

#include "hsm/attributes.hpp"

namespace sealring::inline v0::hsm {

namespace {

// More than any signature needs. Asking for the length first would use up the operation in some modules.
constexpr std::size_t usual_room = 2048;
constexpr std::size_t most_room = 1 << 16;

}  // namespace

key_handle::key_handle(std::shared_ptr<token_link> token, CK_OBJECT_HANDLE found, std::uint64_t epoch, bytes id,
                       std::string label, any_public_key public_key)
    : token_{std::move(token)},
      id_{std::move(id)},
      label_{std::move(label)},
      public_key_{std::move(public_key)},
      found_{found, epoch},
      copy_{token_->copies()} {}

sealring::result<key_handle::answer> key_handle::sign(mechanism how, bytes_view input) const {
  const bytes data = how.to_be_signed(input);
  if (copy_.wanted()) {
    auto done =
        token_->on_session([&](session& s) -> sealring::result<std::optional<answer>> { return sign_with_copy(s, how, data); });
    if (!done && done.error() == make_error_code(trouble::sessions_busy)) return done.error();  // it has waited long enough
    if (*done) return **std::move(done);
  }
  return token_->run([&](session& s) { return sign_with_key(s, how, data); });
}

void key_handle::prove(const basis& what) const noexcept {
  (what.copy ? proven_copy_ : proven_key_) = what.number;
  if (what.copy) copy_.worked();
}

bool key_handle::disprove(const basis& what) const noexcept {
  if (what.copy) copy_.refuse();
  return what.copy;
}

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

// After a recovery on another thread the handle may have been given to another object while we signed with it: such a signature
// is as good as unproven.
sealring::result<key_handle::answer> key_handle::sign_with_key(session& s, mechanism& how, bytes_view data) const {
  const auto where = locate(s);
  if (!where) return where.error();
  const auto begin = std::chrono::steady_clock::now();
  auto raw = sign_raw(s, where->handle, how, data);
  if (!raw) return raw.error();
  copy_.took(false, std::chrono::steady_clock::now() - begin);
  return answer{*std::move(raw), {false, where->look_up}, proven_key_ == where->look_up && token_->epoch() == where->look_up};
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
  return answer{*std::move(raw),
                {true, copy->generation},
                proven_copy_ == copy->generation && token_->anchor_generation() == copy->generation};
}

sealring::result<bytes> key_handle::sign_raw(session& s, CK_OBJECT_HANDLE key, mechanism& how, bytes_view data) const {
  const auto& module = token_->module();
  const auto failed = [&](CK_RV rv) {
    s.spoil();
    return fail(errc{rv});
  };
  CK_MECHANISM raw = how.raw();
  CK_RV rv = module.call<&CK_FUNCTION_LIST::C_SignInit>(s.handle(), &raw, key);
  if (rv != CKR_OK) return failed(rv);
  CK_ULONG size = 0;
  const auto sign = [&](std::span<std::uint8_t> room) {
    size = room.size();
    return module.call<&CK_FUNCTION_LIST::C_Sign>(s.handle(), const_cast<CK_BYTE*>(data.data()), CK_ULONG{data.size()},
                                                  room.data(), &size);
  };
  std::uint8_t usual[usual_room];
  bytes larger;
  std::span<std::uint8_t> room{usual};
  rv = sign(room);
  if (rv == CKR_BUFFER_TOO_SMALL && size > room.size() && size <= most_room) {
    larger.resize(size);
    room = larger;
    rv = sign(room);
  }
  if (rv != CKR_OK) return failed(rv);
  if (size > room.size()) {
    s.spoil();
    return fail(trouble::malformed_answer);
  }
  return bytes(room.begin(), room.begin() + static_cast<std::ptrdiff_t>(size));
}

}  // namespace sealring::inline v0::hsm

#include "hsm/key_handle.hpp"

#include "hsm/attributes.hpp"

namespace sealring::hsm {

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
      found_{found, epoch} {}

sealring::result<key_handle::answer> key_handle::sign(mechanism how, bytes_view input) const {
  const bytes data = how.to_be_signed(input);
  return token_->run([&](session& s) { return sign_on(s, how, data); });
}

void key_handle::prove(std::uint64_t look_up) const noexcept { proven_ = look_up; }

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

sealring::result<key_handle::answer> key_handle::sign_on(session& s, mechanism& how, bytes_view data) const {
  const auto& module = token_->module();
  const auto where = locate(s);
  if (!where) return where.error();

  const auto failed = [&](CK_RV rv) {
    s.spoil();
    return fail(errc{rv});
  };
  CK_MECHANISM raw = how.raw();
  CK_RV rv = module.call<&CK_FUNCTION_LIST::C_SignInit>(s.handle(), &raw, where->handle);
  if (rv != CKR_OK) return failed(rv);
  bytes signature(usual_room);
  CK_ULONG size = signature.size();
  const auto sign = [&] {
    return module.call<&CK_FUNCTION_LIST::C_Sign>(s.handle(), const_cast<CK_BYTE*>(data.data()), CK_ULONG{data.size()},
                                                  signature.data(), &size);
  };
  rv = sign();
  if (rv == CKR_BUFFER_TOO_SMALL && size > signature.size() && size <= most_room) {
    signature.resize(size);
    rv = sign();
  }
  if (rv != CKR_OK) return failed(rv);
  if (size > signature.size()) {
    s.spoil();
    return fail(trouble::malformed_answer);
  }
  signature.resize(size);
  return answer{std::move(signature), where->look_up, proven_ == where->look_up};
}

}  // namespace sealring::hsm

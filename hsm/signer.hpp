// hsm::signer<A>: a key in a token, bound to one algorithm. Made by key::bind and key::choose.
#pragma once

#include "hsm/key_handle.hpp"
#include "hsm/lazy_verifier.hpp"
#include "hsm/signature.hpp"

namespace sealring::inline v0::hsm {

/// Models sealring::signer. Copies share the key; safe from many threads; sign() blocks for the token.
template <algorithm A>
class signer {
public:
  using algorithm_type = A;

  const typename A::public_key& public_key() const noexcept {
    return *std::get_if<typename A::public_key>(&key_->public_key());
  }

  /// The first signature after each look-up of the key is verified before it gets out.
  [[nodiscard]] sealring::result<typename A::signature> sign(const typename A::input& in) const {
    return sign_and_check(in, false);
  }
  /// Every one is.
  [[nodiscard]] sealring::result<typename A::signature> sign_verified(const typename A::input& in) const {
    return sign_and_check(in, true);
  }

  /// For a thread that has nothing else to do, as after a reply: makes the token ready for the next signature of this kind,
  /// which then is C_Sign alone. Changes nothing but its time. See key_handle::arm.
  void arm() const { key_->arm(mechanism_for<A>()); }

private:
  friend class key;
  explicit signer(std::shared_ptr<const key_handle> key) : key_{std::move(key)} {}

  sealring::result<typename A::signature> sign_and_check(const typename A::input& in, bool always) const {
    while (true) {
      auto answer = key_->sign(mechanism_for<A>(), octets(in));
      if (!answer) return answer.error();
      auto signature = read_signature<A>(std::move(answer->raw), public_key());
      if (signature && answer->proven && !always) return signature;
      if (signature) {
        const auto check = check_.of(public_key());
        if (!check) return check.error();
        if ((*check)->check(in, *signature)) {
          key_->prove(answer->made_with);
          return signature;
        }
      }
      if (key_->disprove(answer->made_with)) continue;
      if (!signature) return signature.error();
      return fail(trouble::key_mismatch);
    }
  }

  static bytes_view octets(message m) noexcept { return m; }
  template <class Hash>
  static bytes_view octets(const digest<Hash>& d) noexcept {
    return d.view();
  }

  std::shared_ptr<const key_handle> key_;
  lazy_verifier<A> check_;
};

}  // namespace sealring::inline v0::hsm

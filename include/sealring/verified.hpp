// Verification, and the adapter that checks each signature before it hands it out.
//
// A faulty device can leak a private key through one bad signature, and a wrong handle signs with somebody else's key: both
// stop at `verified`. It costs one public-key operation a signature.
#pragma once

#include "sealring/detail/evp.hpp"
#include "sealring/signer.hpp"

namespace sealring::inline v0 {

/// A public key made ready for checking signatures. Copies share it; safe from many threads.
template <algorithm A>
class verifier {
public:
  [[nodiscard]] static result<verifier> make(const typename A::public_key& key) {
    auto spki = to_spki(key);
    if (!spki) return spki.error();
    auto evp = detail::from_der<detail::evp_pkey, d2i_PUBKEY>(*spki);
    if (!evp) return fail(errc::bad_public_key);
    return verifier{std::move(evp)};
  }

  /// errc::bad_signature, without further detail, unless the signature is good.
  [[nodiscard]] result<void> check(const typename A::input& in, const typename A::signature& signature) const {
    bool good = false;
    if constexpr (detail::is_ecdsa<A>) {
      const auto der = ecdsa_to_der(signature);
      good = der && detail::evp_verify<A>(key_.get(), in, *der);
    } else {
      good = detail::evp_verify<A>(key_.get(), in, signature);
    }
    if (!good) return fail(errc::bad_signature);
    return {};
  }

private:
  explicit verifier(detail::shared_evp_pkey key) : key_{std::move(key)} {}
  detail::shared_evp_pkey key_;
};

/// Checks a signature over a message.
template <algorithm A>
[[nodiscard]] result<void> verify(const typename A::public_key& key, message m, const typename A::signature& signature) {
  auto ready = verifier<A>::make(key);
  if (!ready) return ready.error();
  auto in = A::prepare(m);
  if (!in) return in.error();
  return ready->check(*in, signature);
}

/// A signer that lets no signature out which its own public key does not confirm.
template <signer S>
class verified {
public:
  using algorithm_type = algorithm_of<S>;

  [[nodiscard]] static result<verified> make(S inner) {
    auto check = verifier<algorithm_type>::make(inner.public_key());
    if (!check) return check.error();
    return verified{std::move(inner), *std::move(check)};
  }

  const public_key_of<S>& public_key() const noexcept { return inner_.public_key(); }

  [[nodiscard]] result<signature_of<S>> sign(const input_of<S>& in) const {
    auto signature = inner_.sign(in);
    if (!signature) return signature;
    if (auto good = check_.check(in, *signature); !good) return good.error();
    return signature;
  }

private:
  verified(S inner, verifier<algorithm_type> check) : inner_{std::move(inner)}, check_{std::move(check)} {}
  S inner_;
  verifier<algorithm_type> check_;
};

}  // namespace sealring::inline v0

// The signer: the one contract between sealring and a key, wherever the key lives.
//
// A signer is a cheap, copyable handle on a key, bound to one algorithm. `const` means callable from many threads at once. A
// minimal model, which could talk to any HSM, cloud KMS or agent:
//
//   struct my_key {
//     using algorithm_type = sealring::es256;
//     const sealring::ec_public_key<sealring::p256>& public_key() const noexcept;   // read at load; never does I/O
//     sealring::result<sealring::fixed_bytes<64>> sign(const sealring::digest<sealring::sha256>&) const;   // r||s; may block
//   };
//   static_assert(sealring::signer<my_key>);
//
// Models in this project: `software_key<A>`, `verified<S>`, `hsm::signer<A>`, `client::client_signer<A>`.
#pragma once

#include "sealring/algorithm.hpp"

#include <utility>

namespace sealring::inline v0 {

template <class S>
using algorithm_of = typename S::algorithm_type;
template <class S>
using input_of = typename algorithm_of<S>::input;
template <class S>
using signature_of = typename algorithm_of<S>::signature;
template <class S>
using public_key_of = typename algorithm_of<S>::public_key;

template <class S>
using sign_completion = void(std::error_code, signature_of<S>);

/// Knows a public key; what it signs with is not said.
template <class S>
concept keypair = std::copy_constructible<S> && algorithm<algorithm_of<S>> && requires(const S& s) {
  { s.public_key() } noexcept -> std::same_as<const public_key_of<S>&>;  // read at load; never does I/O
};

/// A key that can sign. What it is given, and what it returns, are the algorithm's types.
template <class S>
concept signer = keypair<S> && requires(const S& s, const input_of<S>& in) {
  { s.sign(in) } -> std::same_as<result<signature_of<S>>>;  // may block
};

/// A signer elsewhere (a keeper, a cloud KMS) that judges what it signs, and so is given the message instead of its digest.
template <class S>
concept message_signer = signer<S> && requires(const S& s, message m) {
  { s.sign_message(m) } -> std::same_as<result<signature_of<S>>>;  // may block
};

/// Any completion token; cancellable; never blocks the caller. For Ed25519 the message must outlive the operation. The handler
/// archetype is a function pointer, so that this header needs no Asio.
template <class S>
concept async_signer =
    keypair<S> && requires(const S& s, input_of<S> in, sign_completion<S>* handler) { s.async_sign(std::move(in), handler); };

/// Signs a message. Back ends see what the algorithm makes of it, or the message if that is what they ask for.
template <signer S>
[[nodiscard]] result<signature_of<S>> sign(const S& s, message m) {
  if constexpr (message_signer<S>) return s.sign_message(m);
  else if (auto in = algorithm_of<S>::prepare(m)) return s.sign(*in);
  else return in.error();
}

}  // namespace sealring::inline v0

// A signer whose algorithm is known only at run time: bound at the edge, visited here, typed below.
//
// Code above the signer (JWS, CSR, ACME) takes `some_signer`: a typed signer, or a variant of them. It asks three questions of
// either kind, and does the rest without templates.
#pragma once

#include "sealring/signer.hpp"

namespace sealring::inline v0 {

/// `any_signer<hsm::signer>` is a variant of hsm::signer<es256>, hsm::signer<es384>, ...
template <template <class> class S>
using any_signer = std::variant<S<es256>, S<es384>, S<es512>, S<rs256>, S<ps256>, S<eddsa>>;

template <signer S>
[[nodiscard]] algorithm_id id_of(const S&) noexcept {
  return algorithm_of<S>::id;
}
template <signer... S>
[[nodiscard]] algorithm_id id_of(const std::variant<S...>& any) noexcept {
  return std::visit([](const auto& s) { return id_of(s); }, any);
}

template <signer S>
[[nodiscard]] any_public_key public_key_of_signer(const S& s) {
  return s.public_key();
}
template <signer... S>
[[nodiscard]] any_public_key public_key_of_signer(const std::variant<S...>& any) {
  return std::visit([](const auto& s) { return public_key_of_signer(s); }, any);
}

/// The signature as bytes, in its algorithm's own encoding (r||s for ECDSA).
template <signer S>
[[nodiscard]] result<bytes> sign_bytes(const S& s, message m) {
  auto signature = sign(s, m);
  if (!signature) return signature.error();
  return bytes(signature->begin(), signature->end());
}
template <signer... S>
[[nodiscard]] result<bytes> sign_bytes(const std::variant<S...>& any, message m) {
  return std::visit([m](const auto& s) { return sign_bytes(s, m); }, any);
}

/// A signer, or a variant of signers.
template <class S>
concept some_signer = std::copy_constructible<S> && requires(const S& s, message m) {
  { id_of(s) } -> std::same_as<algorithm_id>;
  { public_key_of_signer(s) } -> std::same_as<any_public_key>;
  { sign_bytes(s, m) } -> std::same_as<result<bytes>>;
};

}  // namespace sealring::inline v0

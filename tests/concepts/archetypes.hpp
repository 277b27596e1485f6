// Minimal models of the toolkit's concepts: each can do what its concept asks for and nothing more.
//
// Every generic function is instantiated with them (generic.cpp), so that none can come to use more than its concept grants.
#pragma once

#include "sealring/signer.hpp"

namespace sealring::archetypes {

/// What a signer need not be, and so no archetype is.
struct unhelpful {
  unhelpful() = delete;
  unhelpful& operator=(const unhelpful&) = delete;
  unhelpful(const unhelpful&) = default;
};

/// An algorithm of a user's own, with types of his own.
struct toy_algorithm {
  struct public_key {};
  struct signature {};
  struct input {};
  static constexpr auto id = static_cast<algorithm_id>(200);
  static result<input> prepare(message) { return input{}; }
};
static_assert(algorithm<toy_algorithm>);

/// The public key of an archetype: declared, never made.
template <algorithm A>
struct keypair_archetype : unhelpful {
  using algorithm_type = A;
  const typename A::public_key& public_key() const noexcept;
};

template <algorithm A>
struct signer_archetype : keypair_archetype<A> {
  result<typename A::signature> sign(const typename A::input&) const;
};

template <algorithm A>
struct async_signer_archetype : keypair_archetype<A> {
  using handler = void (*)(std::error_code, typename A::signature);
  void async_sign(typename A::input, handler) const;
};

}  // namespace sealring::archetypes

// Signers with one fault each, to see what the code above them does about it.
#pragma once

#include "unit/support.hpp"

namespace sealring::test {

/// Always fails, as a token that was unplugged.
template <algorithm A>
struct unplugged {
  using algorithm_type = A;
  const typename A::public_key& public_key() const noexcept { return key_of<A>().public_key(); }
  result<typename A::signature> sign(const typename A::input&) const { return std::make_error_code(std::errc::no_such_device); }
};

/// Signs with a key that is not the one it shows, as one that holds a wrong handle.
template <algorithm A>
struct impostor {
  using algorithm_type = A;
  software_key<A> signs;
  typename A::public_key shows;
  const typename A::public_key& public_key() const noexcept { return shows; }
  result<typename A::signature> sign(const typename A::input& in) const { return signs.sign(in); }
};

/// Flips one bit of each signature, as a device that is failing.
template <algorithm A>
struct bit_flipper {
  using algorithm_type = A;
  std::size_t bit = 0;
  const typename A::public_key& public_key() const noexcept { return key_of<A>().public_key(); }
  result<typename A::signature> sign(const typename A::input& in) const {
    auto signature = key_of<A>().sign(in);
    if (signature) (*signature)[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    return signature;
  }
};

}  // namespace sealring::test

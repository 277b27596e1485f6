// A verifier that is made when it is first wanted: each takes libcrypto a fifth of a millisecond and 2 KB, and of ten thousand
// keys in a token few sign anything today.
#pragma once

#include "sealring/verified.hpp"

#include <memory>
#include <mutex>
#include <optional>

namespace sealring::inline v0::hsm {

/// Copies share it. Safe from many threads.
template <algorithm A>
class lazy_verifier {
public:
  /// `key` is the same each time.
  [[nodiscard]] const sealring::result<verifier<A>>& of(const typename A::public_key& key) const {
    std::call_once(shared_->once, [&] { shared_->made = verifier<A>::make(key); });
    return *shared_->made;
  }

private:
  struct state {
    std::once_flag once;
    std::optional<sealring::result<verifier<A>>> made;
  };
  std::shared_ptr<state> shared_ = std::make_shared<state>();
};

}  // namespace sealring::inline v0::hsm

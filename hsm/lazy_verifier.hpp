// A verifier that is made when it is first wanted: each takes libcrypto a fifth of a millisecond and 2 KB, and of ten thousand
// keys in a token few sign anything today.
#pragma once

#include "sealring/verified.hpp"

#include <memory>
#include <mutex>
#include <optional>

namespace sealring::inline v0::hsm {

/// Copies share it. Safe from many threads. What fails is tried again the next time.
template <algorithm A>
class lazy_verifier {
public:
  /// `key` is the same each time.
  [[nodiscard]] sealring::result<const verifier<A>*> of(const typename A::public_key& key) const {
    const std::lock_guard lock{shared_->mutex};
    if (!shared_->made) {
      auto made = verifier<A>::make(key);
      if (!made) return made.error();
      shared_->made.emplace(*std::move(made));
    }
    return &*shared_->made;
  }

private:
  struct state {
    std::mutex mutex;
    std::optional<verifier<A>> made;
  };
  std::shared_ptr<state> shared_ = std::make_shared<state>();
};

}  // namespace sealring::inline v0::hsm

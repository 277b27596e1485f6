// A signer's stand-in, where the signature comes later: from an async_signer.
//
// JWS, CSRs and what else is signed are made by functions that take a signer and sign one message. Given a stand-in, such a
// function fails the first time, and the stand-in knows what is to be signed; called again, it finds the signature there.
#pragma once

#include "sealring/any_signer.hpp"

#include <algorithm>

namespace sealring::inline v0 {

namespace detail {

template <class K>
inline constexpr bool is_variant_of_async = false;
template <async_signer... K>
inline constexpr bool is_variant_of_async<std::variant<K...>> = true;

}  // namespace detail

/// An async_signer, or a variant of async_signers.
template <class K>
concept some_async_signer = async_signer<K> || detail::is_variant_of_async<K>;

namespace acme::detail {

/// Models some_signer. For one thread; not copied while it is in use.
template <some_async_signer K>
class stand_in {
public:
  explicit stand_in(K key) : key_{std::move(key)} {}

  [[nodiscard]] const K& key() const noexcept { return key_; }

  /// Whether something waits for its signature.
  [[nodiscard]] bool asks() const noexcept { return asks_; }
  [[nodiscard]] message asked() const noexcept { return asked_; }
  void answer(sealring::result<bytes> signature) const { answer_ = std::move(signature); }

  friend algorithm_id id_of(const stand_in& s) noexcept {
    return s.visit([]<class T>(const T&) { return algorithm_of<T>::id; });
  }
  friend any_public_key public_key_of_signer(const stand_in& s) {
    return s.visit([](const auto& key) { return any_public_key{key.public_key()}; });
  }
  friend sealring::result<bytes> sign_bytes(const stand_in& s, message m) {
    if (s.asks_ && std::ranges::equal(s.asked_, m)) {
      s.asks_ = false;
      return std::exchange(s.answer_, not_yet());
    }
    s.asked_.assign(m.begin(), m.end());
    s.asks_ = true;
    return not_yet();
  }

private:
  static std::error_code not_yet() noexcept { return std::make_error_code(std::errc::operation_in_progress); }

  template <class Visitor>
  auto visit(Visitor visitor) const {
    if constexpr (async_signer<K>) return visitor(key_);
    else return std::visit(visitor, key_);
  }

  K key_;
  mutable bool asks_ = false;
  mutable bytes asked_;
  mutable sealring::result<bytes> answer_ = not_yet();
};

}  // namespace acme::detail

}  // namespace sealring::inline v0

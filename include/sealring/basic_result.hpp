// A value, or why there is none: what std::expected (C++23) will be, and nothing that it has not.
//
// Our own because it is in every header: Boost.System's, good as it is, costs a translation unit that signs as much again as
// all else that it includes (bench/compile_cost).
#pragma once

#include "sealring/config.hpp"

#include <new>
#include <system_error>
#include <type_traits>
#include <utility>

namespace sealring::inline v0 {

/// What value() throws for a result<T>. Other types of error have their own, found beside them.
[[noreturn]] inline void throw_failure(const std::error_code& why) { throw std::system_error{why}; }

template <class T, class E>
class basic_result;

namespace detail {
// What may become a result without being named: what converts to one of its two, not to both.
template <class From, class To, class Other>
concept only_converts_to = std::is_convertible_v<From, To> && !std::is_convertible_v<From, Other>;

template <class From, class To>
concept no_copy_of = !std::is_same_v<std::remove_cvref_t<From>, To>;
}  // namespace detail

/// Made by `return value;` and `return error;`. Nothing throws but value(): what throw_failure(error), found by the error's
/// type, throws. `*` and `->` want a value to be there. Moving T and E must not throw.
template <class T, class E>
class basic_result {
public:
  using value_type = T;
  using error_type = E;

  basic_result()
    requires std::is_default_constructible_v<T>
      : value_(), has_{true} {}

  template <detail::no_copy_of<basic_result> A>
    requires detail::only_converts_to<A, T, E>
  basic_result(A&& value) : value_(std::forward<A>(value)), has_{true} {}

  template <detail::no_copy_of<basic_result> A>
    requires detail::only_converts_to<A, E, T>
  basic_result(A&& error) : error_(std::forward<A>(error)), has_{false} {}

  /// Another's value or error, where ours is made of it.
  template <class U, class F>
    requires(!std::is_same_v<basic_result<U, F>, basic_result> && std::is_convertible_v<U, T> && std::is_convertible_v<F, E>)
  basic_result(basic_result<U, F> other) : has_{other.has_value()} {
    if (has_) ::new (&value_) T(*std::move(other));
    else ::new (&error_) E(std::move(other).error());
  }

  basic_result(const basic_result& other)
    requires(std::is_copy_constructible_v<T> && std::is_copy_constructible_v<E>)
      : has_{other.has_} {
    if (has_) ::new (&value_) T(other.value_);
    else ::new (&error_) E(other.error_);
  }
  basic_result(basic_result&& other) noexcept : has_{other.has_} { take(other); }

  basic_result& operator=(basic_result other) noexcept {
    destroy();
    has_ = other.has_;
    take(other);
    return *this;
  }

  ~basic_result() { destroy(); }

  [[nodiscard]] bool has_value() const noexcept { return has_; }
  [[nodiscard]] bool has_error() const noexcept { return !has_; }
  explicit operator bool() const noexcept { return has_; }

  T& operator*() & noexcept { return value_; }
  const T& operator*() const& noexcept { return value_; }
  T&& operator*() && noexcept { return std::move(value_); }
  T* operator->() noexcept { return &value_; }
  const T* operator->() const noexcept { return &value_; }

  T& value() & { return checked(), value_; }
  const T& value() const& { return checked(), value_; }
  T value() && { return checked(), std::move(value_); }

  /// A copy, and E{} where there is a value.
  [[nodiscard]] E error() const& { return has_ ? E() : error_; }
  [[nodiscard]] E error() && { return has_ ? E() : std::move(error_); }

  friend bool operator==(const basic_result& a, const basic_result& b)
    requires requires(const T& value, const E& error) {
      value == value;
      error == error;
    }
  {
    return a.has_ == b.has_ && (a.has_ ? a.value_ == b.value_ : a.error_ == b.error_);
  }

private:
  void checked() const {
    if (!has_) throw_failure(error_);
  }
  void take(basic_result& other) noexcept {
    static_assert(std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_constructible_v<E>);
    if (has_) ::new (&value_) T(std::move(other.value_));
    else ::new (&error_) E(std::move(other.error_));
  }
  void destroy() noexcept {
    if (has_) value_.~T();
    else error_.~E();
  }

  union {
    T value_;
    E error_;
  };
  bool has_;
};

/// Done, or why not.
template <class E>
class basic_result<void, E> {
public:
  using value_type = void;
  using error_type = E;

  basic_result() noexcept : error_(), has_{true} {}

  template <detail::no_copy_of<basic_result> A>
    requires std::is_convertible_v<A, E>
  basic_result(A&& error) : error_(std::forward<A>(error)), has_{false} {}

  template <class F>
    requires(!std::is_same_v<F, E> && std::is_convertible_v<F, E>)
  basic_result(const basic_result<void, F>& other) : has_{other.has_value()} {
    if (!has_) error_ = other.error();
  }

  [[nodiscard]] bool has_value() const noexcept { return has_; }
  [[nodiscard]] bool has_error() const noexcept { return !has_; }
  explicit operator bool() const noexcept { return has_; }

  void value() const {
    if (!has_) throw_failure(error_);
  }

  /// A copy, and E{} after success.
  [[nodiscard]] E error() const& { return error_; }
  [[nodiscard]] E error() && { return std::move(error_); }

  friend bool operator==(const basic_result&, const basic_result&)
    requires requires(const E& error) { error == error; }
  = default;

private:
  E error_;  // E{} after success
  bool has_;
};

}  // namespace sealring::inline v0

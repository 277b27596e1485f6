// flow<T>: an operation of a client, written once for the blocking and the asynchronous one.
//
// A coroutine that yields acme::result<T>. It awaits other flows, and what its world does for it: sends a request, sleeps,
// signs, asks a solver. In a blocking world all of that is done when it is awaited, and the flow runs to its end when it is
// started. In an asynchronous one it is resumed later, never before the call that started the waiting has returned, and by one
// thread at a time. A flow that is destroyed while it waits is over: its variables are destroyed, from the inside out.
#pragma once

#include "sealring/acme/problem.hpp"

#include <coroutine>
#include <exception>

namespace sealring::inline v0::acme::detail {

template <class T>
class [[nodiscard]] flow {
public:
  class promise_type;

  flow(flow&& other) noexcept : handle_{std::exchange(other.handle_, nullptr)} {}
  flow& operator=(flow&&) = delete;
  ~flow() {
    if (handle_) handle_.destroy();
  }

  /// Runs until it is done, or has to wait.
  void start() { handle_.resume(); }
  [[nodiscard]] bool done() const noexcept { return handle_.done(); }
  /// Of a flow that is done, once. What was thrown in it is thrown again. A failure may have been put into words by the CA.
  [[nodiscard]] result<T> take() {
    auto answer = handle_.promise().take();
    if (answer) return answer;
    failure f = std::move(answer).error();
    f.what = printable(std::move(f.what));
    return f;
  }

  // Awaited by another flow, which goes on at once where this one needs not wait.
  bool await_ready() {
    start();
    return done();
  }
  void await_suspend(std::coroutine_handle<> waiting) noexcept { handle_.promise().waiting = waiting; }
  result<T> await_resume() { return handle_.promise().take(); }

private:
  explicit flow(std::coroutine_handle<promise_type> handle) noexcept : handle_{handle} {}
  std::coroutine_handle<promise_type> handle_;
};

template <class T>
class flow<T>::promise_type {
  /// Hands over to who waits for this flow.
  struct last_awaiter {
    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> ended) const noexcept {
      return ended.promise().waiting;
    }
    void await_resume() const noexcept {}
  };

public:
  flow get_return_object() noexcept { return flow{std::coroutine_handle<promise_type>::from_promise(*this)}; }
  std::suspend_always initial_suspend() const noexcept { return {}; }
  last_awaiter final_suspend() const noexcept { return {}; }
  void return_value(result<T> value) { value_.emplace(std::move(value)); }
  void unhandled_exception() noexcept { thrown_ = std::current_exception(); }

  result<T> take() {
    if (thrown_) std::rethrow_exception(thrown_);
    return *std::move(value_);
  }

  std::coroutine_handle<> waiting = std::noop_coroutine();

private:
  std::optional<result<T>> value_;
  std::exception_ptr thrown_;
};

/// What a blocking world gives a flow to await: the answer is there.
template <class T>
struct ready {
  T answer;
  bool await_ready() const noexcept { return true; }
  void await_suspend(std::coroutine_handle<>) const noexcept {}
  T await_resume() { return std::move(answer); }
};

}  // namespace sealring::inline v0::acme::detail

// offloaded{signer, executor}: a signer that blocks, as an async_signer. It blocks on the executor that is named there, and
// nowhere else: on a thread pool of your own, with as many threads as the device can serve.
//
//   asio::thread_pool token_threads{4};
//   offloaded key{token_key, token_threads.get_executor()};
//   auto [code, signature] = co_await key.async_sign(digest, as_tuple(use_awaitable));
#pragma once

#include "sealring/detail/asio.hpp"
#include "sealring/signer.hpp"

#include <atomic>

namespace sealring::inline v0 {

namespace detail {

/// Does `work(cancelled)` at `where`, and completes with the tuple that it returns. What was cancelled before its turn came
/// learns that; what is being done is not interrupted.
template <class Signature, class Work, class Token>
auto run_at(const asio::any_io_executor& where, Work work, Token&& token) {
  return asio::async_initiate<Token, Signature>(
      [where](auto handler, Work todo) {
        const auto cancelled = std::make_shared<std::atomic<bool>>(false);
        if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected())
          slot.assign([cancelled](asio::cancellation_type) { *cancelled = true; });
        auto home = tracked_executor(handler, where);
        asio::post(where, [handler = std::move(handler), todo = std::move(todo), home = std::move(home), cancelled]() mutable {
          complete_at(home, std::move(handler), todo(cancelled->load()));
        });
      },
      token, std::move(work));
}

}  // namespace detail

/// Models async_signer, with any completion token; the handler is posted to its associated executor, or else to the one that
/// was named. What the signer throws becomes a code, std::errc::io_error where it has none. Copies share nothing but what the
/// signer's do; safe from many threads. The handlers' execution contexts must outlive what is being signed: let the pool be
/// declared after the loop, or join it first.
template <signer S>
class offloaded {
public:
  using algorithm_type = algorithm_of<S>;

  offloaded(S inner, asio::any_io_executor where) : inner_{std::move(inner)}, where_{std::move(where)} {}

  const public_key_of<S>& public_key() const noexcept { return inner_.public_key(); }

  template <asio::completion_token_for<sign_completion<S>> Token>
  auto async_sign(input_of<S> in, Token&& token) const {
    return at_the_signer([in](const S& inner) { return inner.sign(in); }, std::forward<Token>(token));
  }

  /// The message must outlive the operation.
  template <asio::completion_token_for<sign_completion<S>> Token>
  auto async_sign_message(message m, Token&& token) const
    requires message_signer<S>
  {
    return at_the_signer([m](const S& inner) { return inner.sign_message(m); }, std::forward<Token>(token));
  }

private:
  template <class Sign, class Token>
  auto at_the_signer(Sign sign, Token&& token) const {
    const auto work = [inner = inner_, sign](bool cancelled) -> std::tuple<std::error_code, signature_of<S>> {
      if (cancelled) return {std::make_error_code(std::errc::operation_canceled), signature_of<S>{}};
      auto signature = caught(sign, inner);
      if (!signature) return {signature.error(), signature_of<S>{}};
      return {std::error_code{}, *std::move(signature)};
    };
    return detail::run_at<sign_completion<S>>(where_, work, std::forward<Token>(token));
  }

  template <class Sign>
  static result<signature_of<S>> caught(const Sign& sign, const S& inner) try {
    return sign(inner);
  } catch (const std::exception& thrown) {
    return detail::code_of(thrown);
  }

  S inner_;
  asio::any_io_executor where_;
};

}  // namespace sealring::inline v0

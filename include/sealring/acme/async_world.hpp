// Where flows wait: for handlers that are called on a strand.
#pragma once

#include "sealring/acme/connection.hpp"
#include "sealring/acme/solver.hpp"
#include "sealring/acme/stand_in.hpp"
#include "sealring/detail/asio.hpp"

#include <asio/cancellation_signal.hpp>
#include <asio/steady_timer.hpp>
#include <asio/strand.hpp>

namespace sealring::inline v0::acme::detail {

using strand = asio::strand<asio::any_io_executor>;

/// One operation's. It lives as long as a handler of what the operation waits for; all of it happens on the strand.
template <http::async_client Http>
class async_world : public std::enable_shared_from_this<async_world<Http>> {
public:
  static constexpr bool blocking = false;

  template <class K>
  using pen = stand_in<K>;

  async_world(Http& http, strand where) : http_{http}, strand_{std::move(where)}, timer_{strand_} {}
  async_world(const async_world&) = delete;
  async_world& operator=(const async_world&) = delete;
  virtual ~async_world() = default;

  auto perform(const http::request& r) {
    return wait<result<http::response>>([this, &r](auto handler) { http_.async_perform(r, std::move(handler)); });
  }

  auto sleep(std::chrono::milliseconds time) {
    return wait<result<void>>([this, time](auto handler) {
      timer_.expires_after(time);
      timer_.async_wait(std::move(handler));
    });
  }

  template <some_async_signer K>
  auto sign(const K& key, message m) {
    return wait<sealring::result<bytes>>([&key, m](auto handler) {
      if constexpr (async_signer<K>) begin_signing(key, m, std::move(handler));
      else std::visit([&](const auto& one) { begin_signing(one, m, std::move(handler)); }, key);
    });
  }

  template <async_challenge_solver V>
  auto present(V& solver, const task& t) {
    return wait<result<void>>([&solver, &t](auto handler) {
      solver.async_present(t.identifier, t.challenge, t.key_authorization, std::move(handler));
    });
  }

  template <async_challenge_solver V>
  auto look(V& solver, const task& t) {
    return wait<result<void>>(
        [&solver, &t](auto handler) { solver.async_look(t.identifier, t.challenge, t.key_authorization, std::move(handler)); });
  }

  /// Not cancelled: what was presented is taken back after a cancellation, too.
  template <async_challenge_solver V>
  auto clean_up(V& solver, const task& t) {
    return wait<nothing>([&solver, &t](auto handler) { solver.async_clean_up(t.identifier, t.challenge, std::move(handler)); });
  }

  /// What is waited for is cancelled, and all that comes after fails at once. From any thread.
  void cancel() {
    asio::post(strand_, [weak = this->weak_from_this()] {
      const auto alive = weak.lock();
      if (!alive) return;
      alive->cancelled_ = true;
      alive->cancellation_.emit(asio::cancellation_type::terminal);
    });
  }

protected:
  [[nodiscard]] bool is_cancelled() const noexcept { return cancelled_; }

  /// After each step of the operation.
  virtual void settle() = 0;

private:
  struct nothing {};

  template <class Answer>
  struct waiting {
    async_world& world;
    std::optional<Answer> answer{};
    std::coroutine_handle<> flow{};
  };

  /// A handler that hands the answer to the flow.
  template <class Answer>
  class resumption {
  public:
    explicit resumption(waiting<Answer>& w) : world_{w.world.shared_from_this()}, waiting_{w} {}

    using executor_type = strand;
    strand get_executor() const noexcept { return world_->strand_; }
    using cancellation_slot_type = asio::cancellation_slot;
    asio::cancellation_slot get_cancellation_slot() const noexcept {
      return std::same_as<Answer, nothing> ? asio::cancellation_slot{} : world_->cancellation_.slot();
    }

    void operator()(Answer answer) { resume(std::move(answer)); }
    void operator()()
      requires std::same_as<Answer, nothing>
    {
      resume(nothing{});
    }
    /// A timer's: a wait that was cancelled ends early, and what comes next will tell.
    void operator()(std::error_code)
      requires std::same_as<Answer, result<void>>
    {
      resume(result<void>{});
    }
    template <class Signature>
      requires std::same_as<Answer, sealring::result<bytes>>
    void operator()(std::error_code code, const Signature& signature) {
      if (code) resume(code);
      else resume(bytes(signature.begin(), signature.end()));
    }

  private:
    /// Later, since others' operations may complete before they have begun, or on a thread of their own.
    void resume(Answer answer) {
      waiting_.answer.emplace(std::move(answer));
      asio::post(world_->strand_, [world = world_, &w = waiting_] {
        w.flow.resume();
        world->settle();
      });
    }

    std::shared_ptr<async_world> world_;
    waiting<Answer>& waiting_;
  };

  /// What a flow awaits.
  template <class Answer, class Start>
  struct awaitable : waiting<Answer> {
    Start start;
    awaitable(async_world& w, Start s) : waiting<Answer>{w}, start{std::move(s)} {}
    awaitable(const awaitable&) = delete;
    awaitable& operator=(const awaitable&) = delete;

    bool await_ready() {
      if constexpr (!std::same_as<Answer, nothing>)
        if (this->world.cancelled_) this->answer.emplace(was_cancelled<Answer>());
      return this->answer.has_value();
    }
    void await_suspend(std::coroutine_handle<> suspended) {
      this->flow = suspended;
      start(resumption<Answer>{*this});
    }
    Answer await_resume() { return *std::move(this->answer); }
  };

  template <class Answer, class Start>
  awaitable<Answer, Start> wait(Start start) {
    return {*this, std::move(start)};
  }

  template <class Answer>
  static Answer was_cancelled() {
    const auto code = std::make_error_code(std::errc::operation_canceled);
    if constexpr (std::same_as<Answer, sealring::result<bytes>>) return code;
    else return failure{code, "cancelled"};
  }

  /// A signer that takes messages gets the message.
  template <async_signer K, class Handler>
  static void begin_signing(const K& key, message m, Handler handler) {
    if constexpr (requires { key.async_sign_message(m, std::move(handler)); }) {
      key.async_sign_message(m, std::move(handler));
    } else {
      auto in = algorithm_of<K>::prepare(m);
      if (in) key.async_sign(*std::move(in), std::move(handler));
      else handler(in.error(), signature_of<K>{});
    }
  }

  Http& http_;
  strand strand_;
  asio::steady_timer timer_;
  asio::cancellation_signal cancellation_;
  bool cancelled_ = false;
};

}  // namespace sealring::inline v0::acme::detail

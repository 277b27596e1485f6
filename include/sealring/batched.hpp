// batched{device, executor}: an async_signer over what signs several inputs in one call, as HSMs and services behind a slow
// line do best. Requests are collected for a short time, or until there are enough; then the device is called once for all of
// them.
#pragma once

#include "sealring/detail/asio.hpp"
#include "sealring/signer.hpp"

#include <asio/steady_timer.hpp>

#include <algorithm>
#include <mutex>
#include <span>
#include <vector>

namespace sealring::inline v0 {

/// Signs several inputs in one call: a signature or a failure for each, in their order, or one failure for all. May block. What
/// it throws is such a failure, std::errc::io_error where it has no code.
template <class D>
concept batch_signer = keypair<D> && requires(const D& d, std::span<const input_of<D>> in) {
  { d.sign_batch(in) } -> std::same_as<result<std::vector<result<signature_of<D>>>>>;
};

/// When a batch is sent.
struct batch_options {
  std::size_t most = 16;                     ///< inputs in one call
  std::chrono::microseconds patience{1000};  ///< how long the first input waits for others
};

/// Models async_signer, with any completion token; the handler is posted to its associated executor, or else to the one named
/// here, where the device is called: its execution context must outlive the last copy. Copies share their batches; safe from
/// many threads. An operation is cancelled by its handler's cancellation slot, until its batch is sent.
template <batch_signer D>
class batched {
public:
  using algorithm_type = algorithm_of<D>;

  batched(D device, const asio::any_io_executor& where, batch_options options = {})
      : public_key_{std::make_shared<const public_key_of<D>>(device.public_key())},
        queue_{std::make_shared<queue>(std::move(device), where, options)} {}

  const public_key_of<D>& public_key() const noexcept { return *public_key_; }

  template <asio::completion_token_for<sign_completion<D>> Token>
  auto async_sign(input_of<D> in, Token&& token) const {
    return asio::async_initiate<Token, sign_completion<D>>(
        [to = queue_](auto handler, input_of<D> what) {
          auto slot = asio::get_associated_cancellation_slot(handler);
          auto one = std::make_shared<waiting<decltype(handler)>>(what, std::move(handler), to->where);
          if (slot.is_connected())
            slot.assign([to = std::weak_ptr{to}, id = std::weak_ptr<request>{one}](asio::cancellation_type) {
              if (const auto alive = to.lock()) alive->cancel(id.lock());
            });
          to->put(std::move(one));
        },
        token, in);
  }

private:
  /// An input, and what to do with its signature.
  struct request {
    explicit request(const input_of<D>& what) : in{what} {}
    request(const request&) = delete;
    request& operator=(const request&) = delete;
    virtual ~request() = default;
    virtual void complete(result<signature_of<D>>) = 0;
    const input_of<D> in;
  };

  template <class Handler>
  struct waiting final : request {
    waiting(const input_of<D>& what, Handler h, const asio::any_io_executor& otherwise)
        : request{what}, handler{std::move(h)}, home{detail::tracked_executor(handler, otherwise)} {}
    void complete(result<signature_of<D>> signature) override {
      const std::error_code code = signature ? std::error_code{} : signature.error();
      detail::complete_at(home, std::move(handler), std::tuple{code, signature ? *std::move(signature) : signature_of<D>{}});
    }
    Handler handler;
    decltype(detail::tracked_executor(std::declval<const Handler&>(), std::declval<asio::any_io_executor>())) home;
  };

  using batch = std::vector<std::shared_ptr<request>>;

  struct queue : std::enable_shared_from_this<queue> {
    queue(D d, const asio::any_io_executor& w, batch_options o) : device{std::move(d)}, where{w}, options{o}, timer{w} {}

    void put(std::shared_ptr<request> one) {
      const std::lock_guard lock{mutex};
      auto to = open.lock();
      if (!to) {
        open = to = std::make_shared<batch>();
        timer.expires_after(options.patience);
        timer.async_wait([self = this->shared_from_this(), to](std::error_code) { self->send(to); });
      }
      to->push_back(std::move(one));
      if (to->size() >= options.most) close();
    }

    /// Its time is over, or it was closed before.
    void send(const std::shared_ptr<const batch>& due) {
      {
        const std::lock_guard lock{mutex};
        if (open.lock() == due) open.reset();
      }
      if (!due->empty()) sign(*due);
    }

    void cancel(const std::shared_ptr<request>& one) {
      {
        const std::lock_guard lock{mutex};
        const auto from = open.lock();
        if (!from || std::erase(*from, one) == 0) return;
        if (from->empty()) close();
      }
      one->complete(std::make_error_code(std::errc::operation_canceled));
    }

    /// Its timer's handler goes on with it.
    void close() {
      open.reset();
      timer.cancel();
    }

    void sign(const batch& all) const {
      std::vector<input_of<D>> in;
      in.reserve(all.size());
      for (const auto& one : all) in.push_back(one->in);
      auto signatures = ask(in);
      if (signatures && signatures->size() != all.size()) signatures = std::make_error_code(std::errc::protocol_error);
      for (std::size_t i = 0; i < all.size(); ++i)
        all[i]->complete(signatures ? std::move((*signatures)[i]) : result<signature_of<D>>{signatures.error()});
    }

    result<std::vector<result<signature_of<D>>>> ask(std::span<const input_of<D>> in) const try {
      return device.sign_batch(in);
    } catch (const std::exception& thrown) {
      return detail::code_of(thrown);
    }

    const D device;
    const asio::any_io_executor where;
    const batch_options options;
    std::mutex mutex;           // of all below
    asio::steady_timer timer;   // of the open batch
    std::weak_ptr<batch> open;  // the timer's handler owns it: what its requests hold may hold this
  };

  std::shared_ptr<const public_key_of<D>> public_key_;
  std::shared_ptr<queue> queue_;
};

}  // namespace sealring::inline v0

// async_client_signer<A>: signing through the keeper without blocking, over standalone Asio.
//
// Requests are pipelined on one socket. Each ends in a signature or a code before the connection's deadline; a keeper that was
// restarted is dialled again, and what it had not answered is asked once more. An operation is cancelled by its handler's
// cancellation slot: its answer is left out when it comes. Nothing here is for use on both sides of a fork().
#pragma once

#include "agent/client/client_signer.hpp"
#include "sealring/public_key.hpp"

#include <asio/any_io_executor.hpp>
#include <asio/associated_cancellation_slot.hpp>
#include <asio/associated_executor.hpp>
#include <asio/async_result.hpp>
#include <asio/execution/outstanding_work.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/post.hpp>
#include <asio/prefer.hpp>
#include <asio/steady_timer.hpp>
#include <asio/strand.hpp>
#include <asio/write.hpp>

#include <map>

namespace sealring::inline v0::client {

/// One socket to the keeper, for many requests at once. Safe from many threads: its work is done on a strand of its own. Once
/// it is connected it reads for as long as it lives, so that run() of its io_context returns after the last signer is gone.
class async_connection : public std::enable_shared_from_this<async_connection> {
public:
  /// Dials at the first request. errc::bad_address. `on_refusal` is called on the strand.
  [[nodiscard]] static result<std::shared_ptr<async_connection>> to(const asio::any_io_executor& executor,
                                                                    std::span<const std::string> addresses, settings s = {}) {
    auto parsed = address::parse(addresses);
    if (!parsed) return std::move(parsed).error();
    return std::shared_ptr<async_connection>{new async_connection{executor, *std::move(parsed), std::move(s)}};
  }

  async_connection(const async_connection&) = delete;
  async_connection& operator=(const async_connection&) = delete;
  ~async_connection() { drop(); }

  asio::any_io_executor get_executor() const noexcept { return strand_.get_inner_executor(); }

  /// A request on its way, and what to do with its signature or failure. For async_client_signer.
  class pending {
  public:
    pending(const pending&) = delete;
    pending& operator=(const pending&) = delete;
    virtual ~pending() = default;

  protected:
    pending(async_connection& c, wire::operation what, std::string key, bytes body)
        : what_{what}, key_{std::move(key)}, body_{std::move(body)}, deadline_{c.strand_} {}
    virtual void complete(std::error_code, bytes_view signature) = 0;

  private:
    friend class async_connection;
    wire::operation what_;
    std::string key_;
    bytes body_;
    asio::steady_timer deadline_;
    std::uint32_t id_ = 0;
    int tries_ = 0;
  };

  void start(std::shared_ptr<pending> p) {
    p->deadline_.expires_after(settings_.deadline);
    asio::post(strand_, [self = shared_from_this(), p = std::move(p)]() mutable { self->begin(std::move(p)); });
  }

  void cancel(std::weak_ptr<pending> p) {
    asio::post(strand_, [self = shared_from_this(), p = std::move(p)] {
      if (const auto alive = p.lock()) self->finish(alive->id_, make_error_code(std::errc::operation_canceled));
    });
  }

private:
  /// One socket's life. What was begun on an earlier one finds that it is no longer the connection's.
  struct link {
    explicit link(const asio::strand<asio::any_io_executor>& s) : socket{s} {}
    asio::local::stream_protocol::socket socket;
    bytes in = bytes(4096);
    std::size_t filled = 0;
    bytes out, writing;
  };

  async_connection(const asio::any_io_executor& executor, std::vector<address> addresses, settings s)
      : strand_{executor}, addresses_{std::move(addresses)}, settings_{std::move(s)}, retry_{strand_} {}

  void begin(std::shared_ptr<pending> p) {
    p->id_ = ++last_id_;
    p->deadline_.async_wait([self = shared_from_this(), id = p->id_](std::error_code stopped) {
      if (!stopped) self->finish(id, wire::errc::timed_out);
    });
    auto& here = *(waiting_[p->id_] = std::move(p));
    if (link_) send(here);
    else if (!dialling_) dial_now();
  }

  void send(pending& p) {
    ++p.tries_;
    if (const auto fits = wire::append(link_->out, wire::request{p.what_, p.id_, p.key_, p.body_}); !fits)
      return finish(p.id_, fits.error());
    if (link_->writing.empty()) write(link_);
  }

  // A Unix socket connects at once or not at all: where the backlog is full, a little later.
  void dial_now() {
    dialling_ = false;
    if (waiting_.empty()) return;
    auto fd = dial(addresses_, settings_.peers, std::chrono::steady_clock::now());
    dialling_ = !fd && fd.error().code == wire::errc::timed_out;
    if (dialling_) {
      retry_.expires_after(std::chrono::milliseconds{10});
      retry_.async_wait([self = shared_from_this()](std::error_code) { self->dial_now(); });
      return;
    }
    if (!fd) return finish_all(fd.error());
    link_ = std::make_shared<link>(strand_);
    std::error_code failed;
    link_->socket.assign(asio::local::stream_protocol{}, fd->get(), failed);
    if (failed) return finish_all({wire::errc::unreachable, failed.message()});
    fd->release();
    for (const auto& p : std::map{waiting_}) send(*p.second);  // a copy: what does not fit a frame is finished and taken out
    read(link_);
  }

  void write(const std::shared_ptr<link>& l) {
    l->writing = std::exchange(l->out, {});
    if (l->writing.empty()) return;
    asio::async_write(l->socket, asio::buffer(l->writing), [self = shared_from_this(), l](std::error_code failed, std::size_t) {
      if (self->link_ != l) return;
      if (failed) return self->lost();
      self->write(l);
    });
  }

  // Always under way, so that it must not keep the connection alive.
  void read(const std::shared_ptr<link>& l) {
    l->socket.async_read_some(asio::buffer(l->in.data() + l->filled, l->in.size() - l->filled),
                              [weak = weak_from_this(), l](std::error_code failed, std::size_t size) {
                                const auto self = weak.lock();
                                if (!self || self->link_ != l) return;
                                if (failed) return self->lost();
                                l->filled += size;
                                self->take_replies(l);
                              });
  }

  void take_replies(const std::shared_ptr<link>& l) {
    for (std::size_t used = 0;;) {
      const auto seen = wire::decode_reply(bytes_view{l->in}.first(l->filled).subspan(used));
      if (!seen || (seen->missing == 0 && !take(seen->frame))) {
        drop();
        return finish_all({wire::errc::bad_answer, make_error_code(wire::errc::bad_answer).message()});
      }
      used += seen->used;
      if (seen->missing == 0) continue;
      l->in.erase(l->in.begin(), l->in.begin() + static_cast<std::ptrdiff_t>(used));
      l->filled -= used;
      l->in.resize(std::max<std::size_t>(l->filled + seen->missing, 4096));
      return read(l);
    }
  }

  /// False for what is no answer to anything that was asked.
  bool take(const wire::reply& r) {
    const auto found = waiting_.find(r.id);
    if (found == waiting_.end()) return r.id != 0 && r.id <= last_id_;  // its request was cancelled, or timed out
    if (r.what != found->second->what_) return false;
    if (r.outcome != wire::status::ok) {
      finish(r.id, wire::to_error_code(r.outcome), as_text(r.body));
      return true;
    }
    const auto reply = wire::decode<wire::sign_reply>(r.body);
    if (!reply) return false;
    finish(r.id, {}, {}, reply->signature);
    return true;
  }

  // The keeper is gone. Signing may be asked twice.
  void lost() {
    drop();
    for (const auto& p : std::map{waiting_})
      if (p.second->tries_ == 2) finish(p.first, wire::errc::closed);
    dial_now();
  }

  void drop() {
    std::error_code ignored;
    if (link_) link_->socket.close(ignored);
    link_.reset();
  }

  void finish(std::uint32_t id, std::error_code code, std::string_view text = {}, bytes_view signature = {}) {
    auto node = waiting_.extract(id);
    if (node.empty()) return;
    auto& p = *node.mapped();
    p.deadline_.cancel();
    if (code && settings_.on_refusal) settings_.on_refusal(p.key_, {code, text.empty() ? code.message() : std::string{text}});
    p.complete(code, signature);
  }

  void finish_all(const refusal& why) {
    while (!waiting_.empty()) finish(waiting_.begin()->first, why.code, why.text);
  }

  asio::strand<asio::any_io_executor> strand_;
  const std::vector<address> addresses_;
  const settings settings_;
  asio::steady_timer retry_;
  bool dialling_ = false;
  std::uint32_t last_id_ = 0;
  std::map<std::uint32_t, std::shared_ptr<pending>> waiting_;
  std::shared_ptr<link> link_;
};

/// Models sealring::async_signer, with any completion token; the handler is posted to its associated executor, or else to the
/// connection's. Copies share the connection; safe from many threads.
template <algorithm A>
class async_client_signer {
public:
  using algorithm_type = A;
  using completion = void(std::error_code, typename A::signature);

  /// For a key whose public half is known, from its certificate or from remote_key: nothing is asked.
  [[nodiscard]] static sealring::result<async_client_signer> make(std::shared_ptr<async_connection> keeper, std::string name,
                                                                  typename A::public_key key) {
    const auto spki = to_spki(key);
    if (!spki) return spki.error();
    const auto fingerprint = hash<sha256>(*spki);
    if (!fingerprint) return fingerprint.error();
    return async_client_signer{std::move(keeper), std::move(name), std::move(key), fingerprint->view()};
  }

  const typename A::public_key& public_key() const noexcept { return key_->public_key; }

  /// Only for keys whose policy allows digests. An Ed25519 signature's input is the message; see there.
  template <asio::completion_token_for<completion> Token>
  auto async_sign(typename A::input in, Token&& token) const {
    constexpr bool whole = std::same_as<typename A::input, message>;
    return ask(whole ? wire::operation::sign_message : wire::operation::sign_digest, in, std::forward<Token>(token));
  }

  /// The message must last until the operation is initiated: at once by most tokens, by use_awaitable when it is awaited.
  template <asio::completion_token_for<completion> Token>
  auto async_sign_message(message m, Token&& token) const {
    return ask(wire::operation::sign_message, m, std::forward<Token>(token));
  }

private:
  struct shared_key {
    std::shared_ptr<async_connection> keeper;
    std::string name;
    typename A::public_key public_key;
    wire::sign_request request;  // but for its payload
    std::size_t signature_size;
  };

  async_client_signer(std::shared_ptr<async_connection> keeper, std::string name, typename A::public_key key,
                      std::span<const std::uint8_t, 32> fingerprint) {
    shared_key k{std::move(keeper), std::move(name), std::move(key), {.algorithm = A::id}, 0};
    std::copy(fingerprint.begin(), fingerprint.end(), k.request.spki_sha256.begin());
    k.signature_size = signature_size(k.public_key);
    key_ = std::make_shared<const shared_key>(std::move(k));
  }

  template <class Handler>
  class waiting final : public async_connection::pending {
  public:
    waiting(const shared_key& key, wire::operation what, bytes body, Handler handler)
        : pending{*key.keeper, what, key.name, std::move(body)},
          signature_size_{key.signature_size},
          handler_{std::move(handler)},
          executor_{asio::prefer(asio::get_associated_executor(handler_, key.keeper->get_executor()),
                                 asio::execution::outstanding_work.tracked)} {}

    void complete(std::error_code code, bytes_view raw) override {
      typename A::signature signature{};
      if (!code && raw.size() != signature_size_) code = wire::errc::bad_answer;
      if (!code) {
        if constexpr (std::same_as<typename A::signature, bytes>) signature.assign(raw.begin(), raw.end());
        else std::copy(raw.begin(), raw.end(), signature.begin());
      }
      asio::post(executor_, [handler = std::move(handler_), code, signature = std::move(signature)]() mutable {
        std::move(handler)(code, std::move(signature));
      });
    }

  private:
    using tracked =
        std::decay_t<decltype(asio::prefer(std::declval<asio::associated_executor_t<Handler, asio::any_io_executor>>(),
                                           asio::execution::outstanding_work.tracked))>;
    std::size_t signature_size_;
    Handler handler_;
    tracked executor_;
  };

  static bytes_view octets(message m) noexcept { return m; }
  template <class Hash>
  static bytes_view octets(const digest<Hash>& d) noexcept {
    return d.view();
  }

  // What is signed is captured by value, since a token may initiate later.
  template <class Input, class Token>
  auto ask(wire::operation what, Input in, Token&& token) const {
    return asio::async_initiate<Token, completion>(
        [key = key_, what, in](auto handler) {
          auto request = key->request;
          const auto payload = octets(in);
          request.payload.assign(payload.begin(), payload.end());
          auto body = wire::encode(request);  // where the payload is too large, a body that is, for send() to refuse
          auto slot = asio::get_associated_cancellation_slot(handler);
          auto p = std::make_shared<waiting<decltype(handler)>>(*key, what, body ? *std::move(body) : bytes(wire::max_frame),
                                                                std::move(handler));
          if (slot.is_connected())
            slot.assign([keeper = std::weak_ptr{key->keeper},
                         p = std::weak_ptr<async_connection::pending>{p}](asio::cancellation_type) {
              if (const auto alive = keeper.lock()) alive->cancel(p);
            });
          key->keeper->start(std::move(p));
        },
        token);
  }

  std::shared_ptr<const shared_key> key_;
};

}  // namespace sealring::inline v0::client

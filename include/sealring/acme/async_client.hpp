// An ACME client that never blocks, over standalone Asio 1.22 or later: the operations of client.hpp, for any completion token.
//
//   auto ca = co_await acme::async_client<my_key, my_http>::async_connect(executor, http, key, url, {}, use_awaitable);
//   auto certificate = co_await ca->async_obtain(names, certificate_key, solver, use_awaitable);
//
// Each completes with `void(acme::result<T>)`: one value, which keeps the server's problem document, and which no token makes
// an exception of. The handler is posted to its associated executor, or else to the client's, in memory of its associated
// allocator, which is free again when it is called; the operation itself is in memory from operator new. An operation is
// cancelled by its handler's cancellation slot, of whatever type the cancellation is: it takes back what its solver has
// presented, and completes with std::errc::operation_canceled. It is also over when its execution context is destroyed; its
// handler is then not called. That context must outlive the last copy of the client, and what an offloaded signer or solver is
// doing: declare their pool after it, or join the pool first.
//
// What your code throws on the client's strand (a solver's choose, the beginning of an async_ function) leaves the run() of its
// executor, when what was presented is taken back; the handler is then not called.
//
// Keys are async_signers: of the keeper's client, of yours, or offloaded{signer, executor}. Solvers are
// async_challenge_solvers, or offloaded_solver{solver, executor}. Copies of a client share its account; operations may be
// started from many threads, and several may be under way at once: the work is done on a strand.
//
// Under GCC 12, give a name to what stands in braces before it becomes an argument in a co_await expression: in `co_await
// f({...})` that compiler destroys the temporary twice.
#pragma once

#include "sealring/acme/async_world.hpp"
#include "sealring/acme/operations.hpp"

namespace sealring::inline v0::acme {

namespace detail {

template <class S, class Http>
struct async_standing {
  async_standing(const asio::any_io_executor& executor, Http h, S key, client_options options)
      : where{executor}, http{std::move(h)}, here{std::move(key), std::move(options)} {
    here.session.user_agent = here.options.user_agent;
  }
  strand where;
  Http http;
  standing<S> here;
};

/// From its start to the call of its handler.
template <class T, class S, class Http, class Handler>
class async_operation final : public async_world<Http> {
public:
  async_operation(std::shared_ptr<async_standing<S, Http>> client, Handler handler)
      : async_world<Http>{client->http, client->where},
        client_{std::move(client)},
        ca_{*this, client_->here},
        handler_{std::move(handler)},
        home_{sealring::detail::tracked_executor(handler_, client_->where.get_inner_executor())},
        work_{asio::prefer(client_->where.get_inner_executor(), asio::execution::outstanding_work.tracked)} {}

  template <class Start>
  void begin(Start& start) {
    flow_.emplace(start(ca_));
    flow_->start();
    settle();
  }

private:
  void settle() override {
    if (!flow_->done()) return;
    auto answer = flow_->take();
    flow_.reset();
    // Whatever was waited for has its own way to say so.
    if (!answer && this->is_cancelled())
      answer = failure{std::make_error_code(std::errc::operation_canceled), answer.error().what};
    sealring::detail::complete_at(home_, std::move(handler_), std::tuple{std::move(answer)});
  }

  std::shared_ptr<async_standing<S, Http>> client_;
  operations<S, async_world<Http>> ca_;
  Handler handler_;
  decltype(sealring::detail::tracked_executor(std::declval<const Handler&>(), std::declval<asio::any_io_executor>())) home_;
  asio::any_io_executor work_;
  std::optional<flow<T>> flow_;  // the first to be destroyed
};

}  // namespace detail

/// acme::client's operations for any completion token: `async_` and the name there, where each is described.
template <class S, http::async_client Http>
class async_client {
  static_assert(some_async_signer<S>,
                "an asynchronous client signs with an async_signer: make one of a signer by offloaded{signer, executor}");

public:
  async_client(const asio::any_io_executor& executor, Http http, S account_key, acme::directory directory,
               client_options options = {})
      : shared_{std::make_shared<shared>(executor, std::move(http), std::move(account_key), std::move(options))} {
    shared_->here.session.directory = std::move(directory);
  }

  /// Reads the directory. Nothing is signed yet.
  template <asio::completion_token_for<void(result<async_client>)> Token>
  static auto async_connect(const asio::any_io_executor& executor, Http http, S account_key, std::string directory_url,
                            client_options options, Token&& token) {
    async_client client{executor, std::move(http), std::move(account_key), {}, std::move(options)};
    const auto connect = [client, directory_url](auto& ca) { return connected(ca, client, directory_url); };
    return client.template start<async_client>(connect, std::forward<Token>(token));
  }

  template <asio::completion_token_for<void(result<async_client>)> Token>
  static auto async_connect(const asio::any_io_executor& executor, Http http, S account_key, std::string directory_url,
                            Token&& token) {
    return async_connect(executor, std::move(http), std::move(account_key), std::move(directory_url), client_options{},
                         std::forward<Token>(token));
  }

  [[nodiscard]] asio::any_io_executor get_executor() const noexcept { return shared_->where.get_inner_executor(); }
  [[nodiscard]] const acme::directory& directory() const noexcept { return shared_->here.session.directory; }

  // --- the account: see client.hpp for what each operation means

  /// The external account binding, if any, is lent until the operation completes.
  template <asio::completion_token_for<void(result<account>)> Token>
  auto async_register_account(account_request wish, Token&& token) const {
    return start<account>([wish = std::move(wish)](auto& ca) { return ca.register_account(wish); }, std::forward<Token>(token));
  }

  template <asio::completion_token_for<void(result<account>)> Token>
  auto async_find_account(Token&& token) const {
    return start<account>([](auto& ca) { return ca.find_account(); }, std::forward<Token>(token));
  }

  /// For the operations that are started after this call.
  void use_account(std::string url) const {
    asio::post(shared_->where, [self = shared_, url = std::move(url)]() mutable {
      self->here.account_url = std::move(url);
      self->here.orders_url.clear();
    });
  }

  template <asio::completion_token_for<void(result<account>)> Token>
  auto async_update_account(std::vector<std::string> contacts, Token&& token) const {
    return start<account>([contacts = std::move(contacts)](auto& ca) { return ca.update_account(contacts); },
                          std::forward<Token>(token));
  }

  /// Not while another operation is under way.
  template <asio::completion_token_for<void(result<void>)> Token>
  auto async_change_key(S new_key, Token&& token) const {
    return start<void>([new_key = std::move(new_key)](auto& ca) { return ca.change_key(new_key); }, std::forward<Token>(token));
  }

  template <asio::completion_token_for<void(result<account>)> Token>
  auto async_deactivate_account(Token&& token) const {
    return start<account>([](auto& ca) { return ca.deactivate_account(); }, std::forward<Token>(token));
  }

  // --- orders

  template <asio::completion_token_for<void(result<order>)> Token>
  auto async_new_order(order_request wish, Token&& token) const {
    return start<order>([wish = std::move(wish)](auto& ca) { return ca.new_order(wish); }, std::forward<Token>(token));
  }

  template <asio::completion_token_for<void(result<order>)> Token>
  auto async_get_order(std::string url, Token&& token) const {
    return start<order>([url = std::move(url)](auto& ca) { return ca.get_order(url); }, std::forward<Token>(token));
  }

  template <asio::completion_token_for<void(result<order>)> Token>
  auto async_cancel_order(std::string url, Token&& token) const {
    return start<order>([url = std::move(url)](auto& ca) { return ca.cancel_order(url); }, std::forward<Token>(token));
  }

  template <asio::completion_token_for<void(result<std::vector<std::string>>)> Token>
  auto async_list_orders(Token&& token) const {
    return start<std::vector<std::string>>([](auto& ca) { return ca.list_orders(); }, std::forward<Token>(token));
  }

  // --- authorizations

  template <asio::completion_token_for<void(result<authorization>)> Token>
  auto async_new_authorization(identifier id, bool for_subdomains, Token&& token) const {
    return start<authorization>(
        [id = std::move(id), for_subdomains](auto& ca) { return ca.new_authorization(id, for_subdomains); },
        std::forward<Token>(token));
  }

  template <asio::completion_token_for<void(result<authorization>)> Token>
  auto async_new_authorization(identifier id, Token&& token) const {
    return async_new_authorization(std::move(id), false, std::forward<Token>(token));
  }

  template <asio::completion_token_for<void(result<authorization>)> Token>
  auto async_get_authorization(std::string url, Token&& token) const {
    return start<authorization>([url = std::move(url)](auto& ca) { return ca.get_authorization(url); },
                                std::forward<Token>(token));
  }

  template <asio::completion_token_for<void(result<authorization>)> Token>
  auto async_deactivate_authorization(std::string url, Token&& token) const {
    return start<authorization>([url = std::move(url)](auto& ca) { return ca.deactivate_authorization(url); },
                                std::forward<Token>(token));
  }

  template <asio::completion_token_for<void(result<void>)> Token>
  auto async_respond(challenge c, std::string payload, Token&& token) const {
    return start<void>([c = std::move(c), payload = std::move(payload)](auto& ca) { return ca.respond(c, payload); },
                       std::forward<Token>(token));
  }

  template <asio::completion_token_for<void(result<void>)> Token>
  auto async_respond(challenge c, Token&& token) const {
    return async_respond(std::move(c), std::string{respond_payload}, std::forward<Token>(token));
  }

  /// The solver is lent until the operation completes; so it is in async_obtain.
  template <async_challenge_solver V, asio::completion_token_for<void(result<void>)> Token>
  auto async_authorize(order o, V& solver, Token&& token) const {
    return start<void>([o = std::move(o), &solver](auto& ca) { return ca.authorize(o, solver); }, std::forward<Token>(token));
  }

  // --- certificates

  template <asio::completion_token_for<void(result<order>)> Token>
  auto async_finalize(order o, bytes csr, Token&& token) const {
    return start<order>([o = std::move(o), csr = std::move(csr)](auto& ca) { return ca.finalize(o, csr); },
                        std::forward<Token>(token));
  }

  /// `preferred` is called on the client's strand; any_chain{} for whatever chain there is.
  template <chain_preference P, asio::completion_token_for<void(result<issued_certificate>)> Token>
  auto async_download(order o, any_public_key key, P preferred, Token&& token) const {
    return start<issued_certificate>([o = std::move(o), key = std::move(key),
                                      preferred = std::move(preferred)](auto& ca) { return ca.download(o, key, preferred); },
                                     std::forward<Token>(token));
  }

  template <some_async_signer K, async_challenge_solver V, asio::completion_token_for<void(result<issued_certificate>)> Token>
  auto async_obtain(std::vector<identifier> names, K certificate_key, V& solver, Token&& token) const {
    return start<issued_certificate>([names = std::move(names), key = std::move(certificate_key),
                                      &solver](auto& ca) { return ca.obtain(names, key, solver); },
                                     std::forward<Token>(token));
  }

  // --- renewal

  template <asio::completion_token_for<void(result<acme::renewal_info>)> Token>
  auto async_renewal_info(std::string id, Token&& token) const {
    return start<acme::renewal_info>([id = std::move(id)](auto& ca) { return ca.renewal_info(id); },
                                     std::forward<Token>(token));
  }

  // --- revocation

  template <asio::completion_token_for<void(result<void>)> Token>
  auto async_revoke(bytes certificate, std::optional<revocation_reason> reason, Token&& token) const {
    return start<void>([certificate = std::move(certificate), reason](auto& ca) { return ca.revoke(certificate, reason); },
                       std::forward<Token>(token));
  }

  template <some_async_signer K, asio::completion_token_for<void(result<void>)> Token>
  auto async_revoke_with(K certificate_key, bytes certificate, std::optional<revocation_reason> reason, Token&& token) const {
    return start<void>([key = std::move(certificate_key), certificate = std::move(certificate),
                        reason](auto& ca) { return ca.revoke_with(key, certificate, reason); },
                       std::forward<Token>(token));
  }

private:
  using shared = detail::async_standing<S, Http>;

  static detail::flow<async_client> connected(auto& ca, async_client client, std::string directory_url) {
    auto directory = co_await ca.read_directory(std::move(directory_url));
    if (!directory) co_return directory.error();
    client.shared_->here.session.directory = *std::move(directory);
    co_return client;
  }

  /// `flow_of(operations)` is called on the strand.
  template <class T, class Flow, class Token>
  auto start(Flow flow_of, Token&& token) const {
    return asio::async_initiate<Token, void(result<T>)>(
        [self = shared_](auto handler, Flow begin) {
          using operation = detail::async_operation<T, S, Http, decltype(handler)>;
          auto slot = asio::get_associated_cancellation_slot(handler);
          auto one = std::make_shared<operation>(self, std::move(handler));
          if (slot.is_connected())  // holds nothing of the execution context's: the signal may outlive that
            slot.assign([weak = std::weak_ptr{one}](asio::cancellation_type) {
              if (const auto alive = weak.lock()) alive->cancel();
            });
          asio::post(self->where, [one = std::move(one), begin = std::move(begin)]() mutable { one->begin(begin); });
        },
        token, std::move(flow_of));
  }

  std::shared_ptr<shared> shared_;
};

}  // namespace sealring::inline v0::acme

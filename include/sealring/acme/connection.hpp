// A client's side of the talk with one CA: requests signed by the account key, and waiting for the CA to decide.
//
// What it needs of the world is in the type World, of which there are two: blocking_world and async_world. A world has
//
//   static constexpr bool blocking;               whether whatever is awaited is there at once
//   template <class K> using pen = ...;           what signs for a K: the key itself, or its stand_in
//   perform(request)  sleep(milliseconds)         to be awaited: result<http::response>, result<void>
//   sign(key, message)                            likewise, sealring::result<bytes>; for stand-ins
//   present(solver, task)  look(solver, task)  clean_up(solver, task)
#pragma once

#include "sealring/acme/authorization.hpp"
#include "sealring/acme/exchange.hpp"
#include "sealring/acme/flow.hpp"
#include "sealring/acme/order.hpp"
#include "sealring/acme/renewal_info.hpp"

#include <algorithm>

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsubobject-linkage"  // of frames that hold a type of a .cpp file's own, in unity builds
#endif

namespace sealring::inline v0::acme {

/// What a client, blocking or not, may be told once for all.
struct client_options {
  std::string user_agent = std::string{"sealring/"} + version;
  std::chrono::seconds request_timeout{30};  ///< for one request with all its retries
  std::chrono::seconds wait_timeout{300};    ///< for an authorization or an order to leave "pending" or "processing"
};

namespace detail {

/// How long to wait before looking again: what the server says, else soon at first and then ever less often.
class back_off {
public:
  explicit back_off(std::chrono::milliseconds first) : next_{first} {}

  std::chrono::milliseconds after(std::optional<std::chrono::seconds> retry_after);

private:
  std::chrono::milliseconds next_;
};

std::chrono::sys_seconds now_in_seconds();

failure not_offered(const std::string& what);

/// What a failed authorization says of itself: the error of the challenge that failed.
failure authorization_failure(const authorization& a);

/// "processing" is none of an authorization's states, but some CAs say it.
bool is_undecided(const authorization& a);

failure unsolvable(const authorization& a);

failure order_failure(const order& o);

failure no_account();

result<json::object> object_of(const http::response& r, const std::string& url);

/// Of an account's orders, and of the pages that list them, so many are read: a page may list three, or none and yet another.
inline constexpr std::size_t order_limit = 10'000;
inline constexpr int order_page_limit = 1'000;

/// Sends one request of an exchange. A server that asks for a short pause (503) gets it.
template <class World, class Exchange>
flow<void> turn(World& world, Exchange& exchange, const http::request& request) {
  if (http::clock::now() >= request.deadline)
    co_return failure{make_error_code(errc::deadline_exceeded), request.url + ": no useful answer in the time allowed"};
  auto response = co_await world.perform(request);
  if (!response) co_return response.error();
  const bool busy = response->status == 503;
  auto eaten = exchange.receive(*std::move(response));
  if (eaten) co_return eaten;
  const auto pause = eaten.error().retry_after;
  if (!busy || !pause || http::clock::now() + *pause >= request.deadline) co_return eaten;
  co_return co_await world.sleep(std::max<std::chrono::milliseconds>(*pause, std::chrono::milliseconds{100}));
}

/// What is there to be had without a key, and the URL it was at last.
template <class World>
flow<std::pair<http::response, std::string>> get(World& world, std::string url, const client_options& options) {
  const session anonymous{.user_agent = options.user_agent};
  fetch exchange{anonymous, std::move(url), http::clock::now() + options.request_timeout};
  while (!exchange.done()) {
    auto request = exchange.request();
    if (!request) co_return request.error();
    auto answered = co_await turn(world, exchange, *request);
    if (!answered) co_return answered.error();
  }
  co_return std::pair{exchange.response(), exchange.url()};
}

template <class World>
flow<directory> get_directory(World& world, std::string url, const client_options& options) {
  auto got = co_await get(world, std::move(url), options);
  if (!got) co_return got.error();
  const auto& [response, from] = *got;
  const auto object = parse_object(response.body);
  if (!object)
    co_return failure{make_error_code(errc::not_acme), from + " does not answer JSON; is this the URL of an ACME directory?"};
  auto read = to_directory(*object);
  if (!read)
    co_return failure{make_error_code(errc::not_acme),
                      from + " answers JSON without newNonce, newAccount and newOrder; is this the URL of an ACME directory?"};
  read->url = from;
  co_return *std::move(read);
}

template <class World>
flow<renewal_info> get_renewal_info(World& world, const directory& ca, std::string id, const client_options& options) {
  std::string url = ca.renewal_info;
  if (url.empty()) co_return not_offered("renewal information");
  if (id.empty()) co_return not_offered("renewal information for a certificate without authorityKeyIdentifier");
  if (!url.ends_with('/')) url += '/';
  auto got = co_await get(world, url + id, options);
  if (!got) co_return got.error();
  co_return read_renewal_info(got->first, got->second, now_in_seconds());
}

/// What a client knows of a CA, and is there.
template <class S>
struct standing {
  S key;
  client_options options;
  acme::session session{};
  std::string account_url{};
  std::string orders_url{};
};

/// For one operation. Both outlive it.
template <class S, class World>
struct connection {
  World& world;
  standing<S>& here;

  template <class K>
  using pen_of = typename World::template pen<K>;

  /// What `make` makes with the signer that `pen` is, or stands in for.
  template <class Pen, class Make>
  static auto signed_by(World& world, const Pen& pen, Make make) -> flow<typename std::invoke_result_t<Make>::value_type> {
    auto made = make();
    if constexpr (!World::blocking) {
      if (!made && pen.asks()) {
        auto signature = co_await world.sign(pen.key(), pen.asked());
        pen.answer(std::move(signature));
        made = make();
      }
    }
    co_return made;
  }

  /// `who` is made of `pen`.
  template <class Pen, jose::jws_signer P>
  flow<http::response> send(const Pen& pen, P who, std::string url, std::string payload, std::string accept = {}) {
    if (url.empty())
      co_return failure{make_error_code(errc::not_acme),
                        "the CA gave no URL for this step, neither in its directory nor in the order"};
    const auto deadline = http::clock::now() + here.options.request_timeout;
    post exchange{here.session, std::move(who), std::move(url), std::move(payload), deadline, std::move(accept)};
    while (!exchange.done()) {
      auto request = co_await signed_by(world, pen, [&exchange] { return exchange.request(); });
      if (!request) co_return request.error();
      auto answered = co_await turn(world, exchange, *request);
      if (!answered) co_return answered.error();
    }
    co_return exchange.response();
  }

  template <class K>
  flow<http::response> post_with_jwk(const K& key, std::string url, std::string payload) {
    const pen_of<K> pen{key};
    const jose::with_jwk<std::remove_cvref_t<decltype(pen)>> who{pen};
    co_return co_await send(pen, who, std::move(url), std::move(payload));
  }

  flow<http::response> post_as_account(std::string url, std::string payload, std::string accept = {}) {
    if (here.account_url.empty()) co_return no_account();
    const pen_of<S> pen{here.key};
    const std::string kid = here.account_url;
    const jose::with_kid<std::remove_cvref_t<decltype(pen)>> who{pen, kid};
    co_return co_await send(pen, who, std::move(url), std::move(payload), std::move(accept));
  }

  /// The object that answers a request, as `read(object, url)` makes it.
  template <class Read>
  auto ask(std::string url, std::string payload, Read read) -> flow<decltype(read(std::declval<const json::object&>(), url))> {
    auto r = co_await post_as_account(url, std::move(payload));
    if (!r) co_return r.error();
    const auto object = object_of(*r, url);
    if (!object) co_return object.error();
    co_return read(*object, url);
  }

  /// The resource that a request has made, or found: as `read(object, location)` makes it.
  template <class Read>
  static auto made(const result<http::response>& r, const std::string& url, const char* resource, Read read)
      -> result<decltype(read(std::declval<const json::object&>(), url))> {
    if (!r) return r.error();
    const std::string location = http::resolve(url, r->header_value("Location"));
    if (location.empty())
      return failure{make_error_code(errc::not_acme), url + ": the answer has no Location of an " + resource};
    const auto object = object_of(*r, url);
    if (!object) return object.error();
    return read(*object, location);
  }

  /// Asks for `url` again and again, less and less often, until `decide` says something. A poll that fails in passing (a lost
  /// connection, a busy CA) is one more reason to ask again; a signer that fails is none, since it may have gone for good.
  template <class T, class Decide>
  flow<T> poll(const std::string& url, std::chrono::milliseconds first, Decide decide) {
    const auto until = http::clock::now() + here.options.wait_timeout;
    back_off pause{first};
    std::optional<std::chrono::seconds> retry_after;
    while (true) {
      const auto left = std::chrono::floor<std::chrono::milliseconds>(until - http::clock::now());
      if (left.count() <= 0)
        co_return failure{make_error_code(errc::deadline_exceeded), url + ": the CA has not decided in the time allowed"};
      auto slept = co_await world.sleep(std::min(pause.after(retry_after), left));
      if (!slept) co_return slept.error();
      auto r = co_await post_as_account(url, std::string{});
      const bool of_ca = r || r.error().code.category() == make_error_code(errc::transport).category();
      if (!r && (!of_ca || r.error().code != condition::retry_later)) co_return r.error();
      retry_after = r ? http::retry_after(*r, now_in_seconds()) : r.error().retry_after;
      if (!r) continue;
      const auto object = object_of(*r, url);
      if (!object) co_return object.error();
      if (std::optional<result<T>> decided = decide(*object)) co_return *std::move(decided);
    }
  }

  flow<void> wait_for_authorization(const std::string& url) {
    const auto decide = [&url](const json::object& body) -> std::optional<result<void>> {
      const authorization a = to_authorization(body, url);
      if (a.status == "valid") return result<void>{};
      if (!is_undecided(a)) return result<void>{authorization_failure(a)};
      return std::nullopt;
    };
    co_return co_await poll<void>(url, std::chrono::milliseconds{8}, decide);
  }

  /// Waits while the order is `from`. Anything but "ready" or a "valid" one with its certificate is a failure.
  flow<order> wait_for_order(const std::string& url, std::string_view from) {
    const auto decide = [&url, from](const json::object& body) -> std::optional<result<order>> {
      order o = to_order(body, url);
      const bool ready = o.status == "ready" && from == "pending";
      if (ready || (o.status == "valid" && !certificate_url(o).empty())) return result<order>{std::move(o)};
      // "ready" after finalize is a CA that has not caught up yet; "pending" then would be one that lost the authorizations.
      const bool undecided = o.status == from || o.status == "processing" || o.status == "ready";
      if (!undecided) return result<order>{order_failure(o)};
      return std::nullopt;
    };
    co_return co_await poll<order>(url, std::chrono::milliseconds{4}, decide);
  }
};

}  // namespace detail

}  // namespace sealring::inline v0::acme

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

#ifndef SEALRING_COMPILED
#include "sealring/acme/impl/connection.ipp"
#endif

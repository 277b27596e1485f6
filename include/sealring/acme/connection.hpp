// A client's side of the talk with one CA: requests signed by the account key, and waiting for the CA to decide.
#pragma once

#include "sealring/acme/authorization.hpp"
#include "sealring/acme/blocking.hpp"
#include "sealring/acme/order.hpp"

namespace sealring::inline v0::acme::detail {

/// What a failed authorization says of itself: the error of the challenge that failed.
inline failure authorization_failure(const authorization& a) {
  const std::string where = "authorization of " + a.identifier.value;
  for (const challenge& c : a.challenges)
    if (c.error) return refused(where + " by " + c.type, *c.error, errc::authorization_failed);
  return {make_error_code(errc::authorization_failed), where + ": the CA says it is " + a.status};
}

/// An error ends the wait, except in a challenge that the CA is still trying ("processing", RFC 8555 section 8.2).
inline bool has_failed(const authorization& a) {
  return std::ranges::any_of(a.challenges,
                             [](const challenge& c) { return c.status == "invalid" || (c.error && c.status != "processing"); });
}

/// "processing" is none of an authorization's states, but some CAs say it.
inline bool is_undecided(const authorization& a) {
  return (a.status == "pending" || a.status == "processing") && !has_failed(a);
}

inline failure unsolvable(const authorization& a) {
  std::string offered;
  for (const challenge& c : a.challenges) offered += (offered.empty() ? "" : ", ") + c.type;
  return {make_error_code(errc::no_solvable_challenge), "authorization of " + a.identifier.value +
                                                            ": the CA offers no challenge that can be met here; it offers " +
                                                            (offered.empty() ? "none" : offered)};
}

inline failure order_failure(const order& o) {
  if (o.error) return refused("order " + o.url, *o.error, errc::order_failed);
  return {make_error_code(errc::order_failed),
          "order " + o.url + ": the CA says it is " + (o.status.empty() ? "nothing" : o.status)};
}

inline failure no_account() {
  return {make_error_code(errc::no_account), "call register_account, find_account or use_account first"};
}

inline result<json::object> object_of(const http::response& r, const std::string& url) {
  auto object = parse_object(r.body);
  if (!object) return failure{make_error_code(errc::not_acme), url + ": the answer is not a JSON object"};
  return *std::move(object);
}

/// Of an account's orders, and of the pages that list them, so many are read: a page may list three, or none and yet another.
inline constexpr std::size_t order_limit = 10'000;
inline constexpr int order_page_limit = 1'000;

template <some_signer S, http::client Http>
struct connection {
  Http http;
  S key;
  client_options options;
  acme::session session{};
  std::string account_url{};

  http::clock::time_point deadline() const { return http::clock::now() + options.request_timeout; }

  template <jose::jws_signer P>
  result<http::response> send(P signer, std::string url, std::string payload, std::string accept = {}) {
    if (url.empty())
      return failure{make_error_code(errc::not_acme),
                     "the CA gave no URL for this step, neither in its directory nor in the order"};
    post exchange{session, std::move(signer), std::move(url), std::move(payload), deadline(), std::move(accept)};
    if (auto driven = drive(http, exchange); !driven) return driven.error();
    return exchange.response();
  }

  result<http::response> post_as_account(const std::string& url, std::string payload, std::string accept = {}) {
    if (account_url.empty()) return no_account();
    return send(jose::with_kid<S>{key, account_url}, url, std::move(payload), std::move(accept));
  }

  /// The object that answers a request, as `read(object, url)` makes it.
  template <class Read>
  auto ask(const std::string& url, std::string payload, Read read)
      -> result<decltype(read(std::declval<const json::object&>(), url))> {
    auto r = post_as_account(url, std::move(payload));
    if (!r) return r.error();
    const auto object = object_of(*r, url);
    if (!object) return object.error();
    return read(*object, url);
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
  result<T> poll(const std::string& url, std::chrono::milliseconds first, Decide decide) {
    const auto until = http::clock::now() + options.wait_timeout;
    back_off pause{first};
    std::optional<std::chrono::seconds> retry_after;
    while (true) {
      const auto left = std::chrono::floor<std::chrono::milliseconds>(until - http::clock::now());
      if (left.count() <= 0)
        return failure{make_error_code(errc::deadline_exceeded), url + ": the CA has not decided in the time allowed"};
      std::this_thread::sleep_for(std::min(pause.after(retry_after), left));
      auto r = post_as_account(url, {});
      const bool of_ca = r || r.error().code.category() == make_error_code(errc::transport).category();
      if (!r && (!of_ca || r.error().code != condition::retry_later)) return r.error();
      retry_after = r ? http::retry_after(*r, now_in_seconds()) : r.error().retry_after;
      if (!r) continue;
      const auto object = object_of(*r, url);
      if (!object) return object.error();
      if (std::optional<result<T>> decided = decide(*object)) return *std::move(decided);
    }
  }

  result<void> wait_for_authorization(const std::string& url) {
    return poll<void>(url, std::chrono::milliseconds{8}, [&](const json::object& body) -> std::optional<result<void>> {
      const authorization a = to_authorization(body, url);
      if (a.status == "valid") return result<void>{};
      if (!is_undecided(a)) return result<void>{authorization_failure(a)};
      return std::nullopt;
    });
  }

  /// Waits while the order is `from`. Anything but "ready" or a "valid" one with its certificate is a failure.
  result<order> wait_for_order(const std::string& url, std::string_view from) {
    return poll<order>(url, std::chrono::milliseconds{4}, [&](const json::object& body) -> std::optional<result<order>> {
      order o = to_order(body, url);
      const bool ready = o.status == "ready" && from == "pending";
      if (ready || (o.status == "valid" && !o.certificate.empty())) return result<order>{std::move(o)};
      // "ready" after finalize is a CA that has not caught up yet; "pending" then would be one that lost the authorizations.
      const bool undecided = o.status == from || o.status == "processing" || o.status == "ready";
      if (!undecided) return result<order>{order_failure(o)};
      return std::nullopt;
    });
  }
};

}  // namespace sealring::inline v0::acme::detail

// Exchanges with an ACME server, without I/O: they make requests and eat responses (RFC 8555 section 6).
//
// Two kinds: `fetch` gets the directory, following redirections; `post` sends one signed request, fetching nonces and signing
// again when the server did not like one. Whoever drives them, blocking or not, does this:
//
//   while (!exchange.done()) {
//     auto request = exchange.request();       // what to send now
//     ...
//     auto eaten = exchange.receive(response); // a failure ends it
//   }
//   exchange.response()
#pragma once

#include "sealring/acme/directory.hpp"
#include "sealring/acme/http.hpp"
#include "sealring/jose/jws.hpp"

namespace sealring::inline v0::acme {

/// Nonces the server gave us and we have not used (section 6.5), the freshest first: old ones may have expired.
class nonce_pool {
public:
  void put(std::string_view nonce);

  [[nodiscard]] bool empty() const noexcept { return nonces_.empty(); }

  [[nodiscard]] std::string take();

private:
  static constexpr std::size_t capacity = 16;
  std::vector<std::string> nonces_;
};

/// What every exchange with one server shares. Not safe from several threads at once.
struct session {
  acme::directory directory{};
  nonce_pool nonces{};
  std::string user_agent{};
  std::size_t max_body = 1 << 20;  ///< octets of any response body; chains are a few thousand
};

namespace detail {

inline constexpr int bad_nonce_limit = 20;

/// The failure that a response of an error status stands for.
failure refusal(const std::string& url, const http::response& r);

result<void> check_size(const std::string& url, const http::response& r, std::size_t max_body);

}  // namespace detail

/// Gets the directory. A redirected one is followed, to https only.
class fetch {
public:
  fetch(const session& shared, std::string url, http::clock::time_point deadline)
      : shared_{shared}, url_{std::move(url)}, deadline_{deadline} {}

  fetch(const session&& temporary, std::string, http::clock::time_point) = delete;

  [[nodiscard]] bool done() const noexcept { return done_; }

  [[nodiscard]] result<http::request> request() const;

  [[nodiscard]] result<void> receive(http::response r);

  [[nodiscard]] const http::response& response() const noexcept { return response_; }
  [[nodiscard]] const std::string& url() const noexcept { return url_; }

private:
  const session& shared_;
  std::string url_;
  http::clock::time_point deadline_;
  int redirects_ = 0;
  bool done_ = false;
  http::response response_{};
};

/// One signed request, from the first nonce to the last retry. `P` says how the request is signed: jose::with_jwk or with_kid.
template <jose::jws_signer P>
class post {
public:
  /// An empty payload is a POST-as-GET (section 6.3). `accept` is for the certificate's media type.
  post(session& shared, P signer, std::string url, std::string payload, http::clock::time_point deadline,
       std::string accept = {})
      : shared_{shared},
        signer_{std::move(signer)},
        url_{std::move(url)},
        payload_{std::move(payload)},
        deadline_{deadline},
        accept_{std::move(accept)} {}

  [[nodiscard]] bool done() const noexcept { return done_; }

  /// What to send now. Where the signer fails, it may be asked again: the nonce is still good.
  [[nodiscard]] result<http::request> request() {
    http::request r{.url = url_, .user_agent = shared_.user_agent, .max_body = shared_.max_body, .deadline = deadline_};
    fetching_nonce_ = nonce_.empty() && shared_.nonces.empty();
    if (fetching_nonce_) {
      r.verb = http::method::head;
      r.url = shared_.directory.new_nonce;
      return r;
    }
    if (nonce_.empty()) nonce_ = shared_.nonces.take();
    auto body = jose::sign_flattened(signer_, {.nonce = nonce_, .url = url_}, payload_);
    if (!body) return because(body.error(), "signing the request to " + url_);
    nonce_.clear();
    r.verb = http::method::post;
    r.body = *std::move(body);
    r.content_type = "application/jose+json";
    r.accept = accept_;
    return r;
  }

  [[nodiscard]] result<void> receive(http::response r) {
    shared_.nonces.put(r.header_value("Replay-Nonce"));
    if (auto small = detail::check_size(url_, r, shared_.max_body); !small) return small;
    if (fetching_nonce_) return received_nonce(r);
    if (r.status >= 200 && r.status < 300) {
      response_ = std::move(r);
      done_ = true;
      return {};
    }
    failure f = detail::refusal(url_, r);
    // "the client SHOULD retry using the new nonce" that came with the error (section 6.5): it is the freshest in the pool.
    if (f.problem && f.problem->is("badNonce") && ++bad_nonces_ <= detail::bad_nonce_limit) return {};
    return f;
  }

  [[nodiscard]] const http::response& response() const noexcept { return response_; }

private:
  result<void> received_nonce(const http::response& r) {
    const std::string& url = shared_.directory.new_nonce;
    if (!shared_.nonces.empty()) return {};
    if (r.status >= 400) return detail::refusal(url, r);
    return failure{make_error_code(errc::no_nonce), url + ": the answer has no Replay-Nonce; is this an ACME server?"};
  }

  session& shared_;
  P signer_;
  std::string url_;
  std::string payload_;
  http::clock::time_point deadline_;
  std::string accept_;
  std::string nonce_{};
  bool fetching_nonce_ = false;
  bool done_ = false;
  int bad_nonces_ = 0;
  http::response response_{};
};

}  // namespace sealring::inline v0::acme

#ifndef SEALRING_COMPILED
#include "sealring/acme/impl/exchange.ipp"
#endif

// A blocking ACME client: the exchanges of exchange.hpp, driven over the caller's HTTP stack and signed by the caller's signer.
//
//   auto ca = acme::client<my_signer, my_http>::connect(http, account_key, "https://acme.example/directory");
//   ca->register_account({.contact = {"mailto:me@example.com"}, .terms_of_service_agreed = true});
//   auto certificate = ca->obtain(names, certificate_key, solver);
//
// Each step of `obtain` is there by itself for those who must do something between them. Not safe from several threads at once;
// use one client a thread. Blocking and sleeping happen inside every member function that returns acme::result.
#pragma once

#include "sealring/acme/account.hpp"
#include "sealring/acme/authorization.hpp"
#include "sealring/acme/exchange.hpp"
#include "sealring/acme/order.hpp"
#include "sealring/acme/revocation.hpp"
#include "sealring/x509/certificate.hpp"
#include "sealring/x509/csr.hpp"

#include <thread>

namespace sealring::inline v0::acme {

struct client_options {
  std::string user_agent = std::string{"sealring/"} + version;
  std::chrono::seconds request_timeout{30};  ///< for one request with all its retries
  std::chrono::seconds wait_timeout{300};    ///< for an authorization or an order to leave "pending" or "processing"
};

/// A certificate chain as downloaded and checked: end entity first.
struct issued_certificate {
  std::string pem;
  std::vector<x509::certificate> chain;
  std::vector<std::string> alternates;  ///< URLs of other chains for it (RFC 8555 section 7.4.2)
};

namespace detail {

/// Until the exchange is done. A server that asks for a short pause (503) gets it.
template <http::client Http, class Exchange>
result<void> drive(Http& http, Exchange& exchange) {
  while (!exchange.done()) {
    auto request = exchange.request();
    if (!request) return request.error();
    if (http::clock::now() >= request->deadline)
      return failure{make_error_code(errc::deadline_exceeded), request->url + ": no useful answer in the time allowed"};
    auto response = http.perform(*request);
    if (!response) return response.error();
    const bool busy = response->status == 503;
    auto eaten = exchange.receive(*std::move(response));
    if (eaten) continue;
    const auto pause = eaten.error().retry_after;
    if (!busy || !pause || http::clock::now() + *pause >= request->deadline) return eaten.error();
    std::this_thread::sleep_for(std::max<std::chrono::milliseconds>(*pause, std::chrono::milliseconds{100}));
  }
  return {};
}

/// How long to wait before looking again: what the server says, else soon at first and then ever less often.
class back_off {
public:
  explicit back_off(std::chrono::milliseconds first) : next_{first} {}

  std::chrono::milliseconds after(std::optional<std::chrono::seconds> retry_after) {
    // Some CAs say "a day" of what is decided in seconds.
    if (retry_after && retry_after->count() > 0) return std::min(*retry_after, std::chrono::seconds{30});
    const auto wait = next_;
    next_ = std::min<std::chrono::milliseconds>(next_ * 2, std::chrono::seconds{5});
    return wait;
  }

private:
  std::chrono::milliseconds next_;
};

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

inline failure order_failure(const order& o) {
  if (o.error) return refused("order " + o.url, *o.error, errc::order_failed);
  return {make_error_code(errc::order_failed),
          "order " + o.url + ": the CA says it is " + (o.status.empty() ? "nothing" : o.status)};
}

/// The certificate must be for the key and the names that were asked for. Its PEM is written anew: what else the CA's answer
/// may hold does not reach a server's files.
inline result<issued_certificate> check_certificate(const http::response& r, const order& o, const any_public_key& key) {
  const auto mismatch = [&](const std::string& why) {
    return failure{make_error_code(errc::certificate_mismatch), "certificate " + o.certificate + ": " + why};
  };
  auto certificates = x509::read_certificates(r.body);
  if (!certificates) return because(certificates.error(), "certificate " + o.certificate);
  issued_certificate out{{}, x509::put_in_order(*std::move(certificates)), http::links(r, "alternate")};
  for (std::string& url : out.alternates) url = http::resolve(o.certificate, url);
  for (const x509::certificate& c : out.chain) out.pem += to_pem("CERTIFICATE", c.der());
  if (!out.chain.front().certifies(key)) return mismatch("it certifies another key than the one in the CSR");
  std::vector<identifier> wanted = o.identifiers;
  std::ranges::sort(wanted);
  wanted.erase(std::ranges::unique(wanted).begin(), wanted.end());
  if (!std::ranges::includes(out.chain.front().names(), wanted)) return mismatch("it lacks a name that was asked for");
  return out;
}

}  // namespace detail

/// Gets a CA's directory. Needs no key.
template <http::client Http>
[[nodiscard]] result<directory> read_directory(Http& http, std::string url, const client_options& options = {}) {
  const session anonymous{.user_agent = options.user_agent};
  fetch get{anonymous, std::move(url), http::clock::now() + options.request_timeout};
  if (auto driven = detail::drive(http, get); !driven) return driven.error();
  const auto object = parse_object(get.response().body);
  if (!object)
    return failure{make_error_code(errc::not_acme), get.url() + " does not answer JSON; is this the URL of an ACME directory?"};
  auto read = to_directory(*object);
  if (!read)
    return failure{
        make_error_code(errc::not_acme),
        get.url() + " answers JSON without newNonce, newAccount and newOrder; is this the URL of an ACME directory?"};
  read->url = get.url();
  return *std::move(read);
}

template <some_signer S, http::client Http>
class client {
public:
  client(Http http, S account_key, acme::directory directory, client_options options = {})
      : http_{std::move(http)}, key_{std::move(account_key)}, options_{std::move(options)} {
    session_.directory = std::move(directory);
    session_.user_agent = options_.user_agent;
  }

  /// Reads the directory. Nothing is signed yet.
  [[nodiscard]] static result<client> connect(Http http, S account_key, std::string directory_url,
                                              client_options options = {}) {
    auto directory = read_directory(http, std::move(directory_url), options);
    if (!directory) return directory.error();
    return client{std::move(http), std::move(account_key), *std::move(directory), std::move(options)};
  }

  [[nodiscard]] const acme::directory& directory() const noexcept { return session_.directory; }
  [[nodiscard]] const S& account_key() const noexcept { return key_; }

  // --- the account (sections 7.3 to 7.3.6)

  /// Makes an account, or finds the one this key already has. Later requests are made in its name.
  [[nodiscard]] result<account> register_account(const account_request& wish) {
    auto payload = new_account_payload(wish, jose::to_jwk(public_key_of_signer(key_)), session_.directory.new_account);
    if (!payload) return because(payload.error(), "signing the external account binding");
    return account_from(*std::move(payload));
  }

  /// The account of this key; a problem "accountDoesNotExist" if it has none (section 7.3.1).
  [[nodiscard]] result<account> find_account() { return account_from(std::string{existing_account_payload}); }

  /// For a caller that remembers the account's URL: saves the request that find_account makes.
  void use_account(std::string url) { account_url_ = std::move(url); }

  /// For ever: "the server MUST NOT accept further requests authorized by that account's key" (section 7.3.6).
  [[nodiscard]] result<account> deactivate_account() {
    auto r = post_as_account(account_url_, std::string{deactivate_payload});
    if (!r) return r.error();
    return object_of(*r, account_url_, [&](const json::object& o) { return to_account(o, account_url_); });
  }

  // --- orders (section 7.4)

  [[nodiscard]] result<order> new_order(std::span<const identifier> names, std::string_view profile = {}) {
    const std::string& url = session_.directory.new_order;
    auto r = post_as_account(url, new_order_payload(names, profile));
    if (!r) return r.error();
    const std::string location = http::resolve(url, r->header_value("Location"));
    if (location.empty()) return failure{make_error_code(errc::not_acme), url + ": the answer has no Location of an order"};
    auto o = object_of(*r, url, [&](const json::object& body) { return to_order(body, location); });
    if (o) o->identifiers.assign(names.begin(), names.end());  // what was asked for, whatever the CA makes of it
    return o;
  }

  [[nodiscard]] result<order> get_order(const std::string& url) {
    auto r = post_as_account(url, {});
    if (!r) return r.error();
    return object_of(*r, url, [&](const json::object& o) { return to_order(o, url); });
  }

  [[nodiscard]] result<authorization> get_authorization(const std::string& url) {
    auto r = post_as_account(url, {});
    if (!r) return r.error();
    return object_of(*r, url, [&](const json::object& o) { return to_authorization(o, url); });
  }

  /// Tells the CA to look (section 7.5.1). Once a challenge: a second time is a conflict.
  [[nodiscard]] result<void> respond(const challenge& c) {
    auto r = post_as_account(c.url, "{}");
    if (!r && !(r.error().problem && r.error().problem->status == 409)) return r.error();
    return {};
  }

  /// Satisfies every authorization of the order, all at the same time. On return nothing of the solver's is left behind.
  template <challenge_solver V>
  [[nodiscard]] result<void> authorize(const order& o, V& solver) {
    auto thumbprint = jose::thumbprint(public_key_of_signer(key_));
    if (!thumbprint) return because(thumbprint.error(), "hashing the account key");
    presented<V> shown{solver, {}};
    std::vector<std::string> waiting;
    for (const std::string& url : o.authorizations) {
      auto a = get_authorization(url);
      if (!a) return a.error();
      if (a->status == "valid") continue;
      if ((a->status != "pending" && a->status != "processing") || detail::has_failed(*a))
        return detail::authorization_failure(*a);
      const challenge* c = a->find(solver.type());
      if (c == nullptr)
        return failure{make_error_code(errc::no_solvable_challenge),
                       "authorization of " + a->identifier.value + ": the CA does not offer " + std::string{solver.type()}};
      if (auto ready = solver.present(a->identifier, *c, key_authorization(c->token, *thumbprint)); !ready)
        return because(ready.error(), "presenting " + c->type + " for " + a->identifier.value);
      shown.challenges.emplace_back(a->identifier, *c);
      if (c->status == "pending" || c->status.empty())  // else an earlier run has told the CA
        if (auto told = respond(*c); !told) return told;
      waiting.push_back(url);
    }
    for (const std::string& url : waiting)
      if (auto valid = wait_for_authorization(url); !valid) return valid;
    return {};
  }

  /// Sends the CSR and waits until the certificate is there.
  [[nodiscard]] result<order> finalize(const order& o, bytes_view csr) {
    auto finished = finalize_and_wait(o, csr);
    if (finished) finished->identifiers = o.identifiers;
    return finished;
  }

  /// Downloads the certificate, checks that it is for `key` and for the order's names, and puts its chain in order.
  [[nodiscard]] result<issued_certificate> download(const order& o, const any_public_key& key) {
    auto r = post_as_account(o.certificate, {}, "application/pem-certificate-chain");
    if (!r) return r.error();
    return detail::check_certificate(*r, o, key);
  }

  /// The whole of issuance: order, challenges, CSR, certificate.
  template <some_signer K, challenge_solver V>
  [[nodiscard]] result<issued_certificate> obtain(std::span<const identifier> names, const K& certificate_key, V& solver) {
    auto o = new_order(names);
    if (!o) return o.error();
    if (auto authorized = authorize(*o, solver); !authorized) return authorized.error();
    auto csr = x509::make_csr(certificate_key, names);
    if (!csr) return because(csr.error(), "signing the certification request");
    auto finished = finalize(*o, *csr);
    if (!finished) return finished.error();
    return download(*finished, public_key_of_signer(certificate_key));
  }

  // --- revocation (section 7.6)

  [[nodiscard]] result<void> revoke(bytes_view certificate, std::optional<revocation_reason> reason = {}) {
    return revoked(post_as_account(session_.directory.revoke_cert, revocation_payload(certificate, reason)));
  }

  /// By the certificate's own key: needs no account.
  template <some_signer K>
  [[nodiscard]] result<void> revoke_with(const K& certificate_key, bytes_view certificate,
                                         std::optional<revocation_reason> reason = {}) {
    return revoked(
        send(jose::with_jwk<K>{certificate_key}, session_.directory.revoke_cert, revocation_payload(certificate, reason), {}));
  }

private:
  result<order> finalize_and_wait(const order& o, bytes_view csr) {
    auto r = post_as_account(o.finalize, finalize_payload(csr));
    if (!r && r.error().problem && r.error().problem->is("orderNotReady")) {
      // The CA is slower to update the order than its authorizations; or it has finalized already, and its answer was lost.
      auto ready = wait_for_order(o.url, "pending");
      if (!ready || ready->status != "ready") return ready;
      r = post_as_account(o.finalize, finalize_payload(csr));
    }
    if (!r) return r.error();
    auto now = object_of(*r, o.finalize, [&](const json::object& body) { return to_order(body, o.url); });
    if (now && now->status == "valid" && !now->certificate.empty()) return now;
    return wait_for_order(o.url, "processing");
  }

  /// Takes back what the solver has shown, whatever happens.
  template <class V>
  struct presented {
    V& solver;
    std::vector<std::pair<identifier, challenge>> challenges;
    ~presented() {
      for (const auto& [id, c] : challenges) solver.clean_up(id, c);
    }
  };

  http::clock::time_point deadline() const { return http::clock::now() + options_.request_timeout; }

  template <jose::jws_signer P>
  result<http::response> send(P signer, std::string url, std::string payload, std::string accept) {
    if (url.empty())
      return failure{make_error_code(errc::not_acme),
                     "the CA gave no URL for this step, neither in its directory nor in the order"};
    post exchange{session_, std::move(signer), std::move(url), std::move(payload), deadline(), std::move(accept)};
    if (auto driven = detail::drive(http_, exchange); !driven) return driven.error();
    return exchange.response();
  }

  result<http::response> post_as_account(const std::string& url, std::string payload, std::string accept = {}) {
    if (account_url_.empty())
      return failure{make_error_code(errc::no_account), "call register_account, find_account or use_account first"};
    return send(jose::with_kid<S>{key_, account_url_}, url, std::move(payload), std::move(accept));
  }

  /// newAccount is the one request signed with "jwk" by the account key.
  result<account> account_from(std::string payload) {
    const std::string& url = session_.directory.new_account;
    auto r = send(jose::with_jwk<S>{key_}, url, std::move(payload), {});
    if (!r) return r.error();
    std::string location = http::resolve(url, r->header_value("Location"));
    if (location.empty()) return failure{make_error_code(errc::not_acme), url + ": the answer has no Location of an account"};
    account_url_ = std::move(location);
    return object_of(*r, url, [&](const json::object& o) { return to_account(o, account_url_); });
  }

  template <class Read>
  static auto object_of(const http::response& r, const std::string& url, Read read)
      -> result<decltype(read(std::declval<const json::object&>()))> {
    auto object = parse_object(r.body);
    if (!object) return failure{make_error_code(errc::not_acme), url + ": the answer is not a JSON object"};
    return read(*object);
  }

  /// Asks for `url` again and again, less and less often, until `decide` says something. A poll that fails in passing (a lost
  /// connection, a busy CA) is one more reason to ask again.
  template <class T, class Decide>
  result<T> poll(const std::string& url, std::chrono::milliseconds first, Decide decide) {
    const auto until = http::clock::now() + options_.wait_timeout;
    detail::back_off pause{first};
    std::optional<std::chrono::seconds> retry_after;
    while (true) {
      const auto left = std::chrono::floor<std::chrono::milliseconds>(until - http::clock::now());
      if (left.count() <= 0)
        return failure{make_error_code(errc::deadline_exceeded), url + ": the CA has not decided in the time allowed"};
      std::this_thread::sleep_for(std::min(pause.after(retry_after), left));
      auto r = post_as_account(url, {});
      if (!r && r.error().code != condition::retry_later) return r.error();
      retry_after = r ? retry_after_of(*r) : r.error().retry_after;
      if (!r) continue;
      const auto object = parse_object(r->body);
      if (!object) return failure{make_error_code(errc::not_acme), url + ": the answer is not a JSON object"};
      if (std::optional<result<T>> decided = decide(*object)) return *std::move(decided);
    }
  }

  result<void> wait_for_authorization(const std::string& url) {
    return poll<void>(url, std::chrono::milliseconds{8}, [&](const json::object& body) -> std::optional<result<void>> {
      const authorization a = to_authorization(body, url);
      if (a.status == "valid") return result<void>{};
      const bool undecided = a.status == "pending" || a.status == "processing";
      if (!undecided || detail::has_failed(a)) return result<void>{detail::authorization_failure(a)};
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
      if (!undecided) return result<order>{detail::order_failure(o)};
      return std::nullopt;
    });
  }

  static std::optional<std::chrono::seconds> retry_after_of(const http::response& r) {
    return http::retry_after(r, std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
  }

  /// A certificate that is revoked already is what was wanted.
  static result<void> revoked(const result<http::response>& r) {
    if (!r && !(r.error().problem && r.error().problem->is("alreadyRevoked"))) return r.error();
    return {};
  }

  Http http_;
  S key_;
  client_options options_;
  session session_{};
  std::string account_url_;
};

}  // namespace sealring::inline v0::acme

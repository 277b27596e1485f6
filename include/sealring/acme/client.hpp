// A blocking ACME client: the exchanges of exchange.hpp, driven over the caller's HTTP stack and signed by the caller's signer.
//
//   auto ca = acme::client<my_signer, my_http>::connect(http, account_key, "https://acme.example/directory");
//   ca->register_account({.contact = {"mailto:me@example.com"}, .terms_of_service_agreed = true});
//   auto certificate = ca->obtain(names, certificate_key, solver);
//
// Each step of `obtain` is there by itself for those who must do something between them, or go on after a crash: an order that
// get_order reads goes through authorize, finalize and download from wherever it stands. Not safe from several threads at once;
// use one client a thread. Blocking and sleeping happen inside every member function that returns acme::result.
#pragma once

#include "sealring/acme/account.hpp"
#include "sealring/acme/connection.hpp"
#include "sealring/acme/issued_certificate.hpp"
#include "sealring/acme/key_change.hpp"
#include "sealring/acme/renewal_info.hpp"
#include "sealring/acme/revocation.hpp"
#include "sealring/acme/solver.hpp"
#include "sealring/x509/csr.hpp"

#include <set>

namespace sealring::inline v0::acme {

template <some_signer S, http::client Http>
class client {
public:
  client(Http http, S account_key, acme::directory directory, client_options options = {})
      : ca_{std::move(http), std::move(account_key), std::move(options)} {
    ca_.session.directory = std::move(directory);
    ca_.session.user_agent = ca_.options.user_agent;
  }

  /// Reads the directory. Nothing is signed yet.
  [[nodiscard]] static result<client> connect(Http http, S account_key, std::string directory_url,
                                              client_options options = {}) {
    auto directory = read_directory(http, std::move(directory_url), options);
    if (!directory) return directory.error();
    return client{std::move(http), std::move(account_key), *std::move(directory), std::move(options)};
  }

  [[nodiscard]] const acme::directory& directory() const noexcept { return ca_.session.directory; }
  [[nodiscard]] const S& account_key() const noexcept { return ca_.key; }

  // --- the account (sections 7.3 to 7.3.6)

  /// Makes an account, or finds the one this key already has. Later requests are made in its name.
  [[nodiscard]] result<account> register_account(const account_request& wish) {
    auto payload = new_account_payload(wish, jose::to_jwk(public_key_of_signer(ca_.key)), directory().new_account);
    if (!payload) return because(payload.error(), "signing the external account binding");
    return account_from(*std::move(payload));
  }

  /// The account of this key; a problem "accountDoesNotExist" if it has none (section 7.3.1).
  [[nodiscard]] result<account> find_account() { return account_from(std::string{existing_account_payload}); }

  /// For a caller that remembers the account's URL: saves the request that find_account makes.
  void use_account(std::string url) {
    ca_.account_url = std::move(url);
    orders_url_.clear();
  }

  /// These contacts instead of those it has (section 7.3.2).
  [[nodiscard]] result<account> update_account(std::span<const std::string> contacts) {
    return ca_.ask(ca_.account_url, account_update_payload(contacts), to_account);
  }

  /// From then on the account is the new key's, and this client signs with it (section 7.3.5). If the answer is lost, only
  /// find_account with each of the two keys tells which one has the account. errc::key_in_use where the new key has one
  /// already.
  [[nodiscard]] result<void> change_key(const S& new_key) {
    if (ca_.account_url.empty()) return detail::no_account();
    const std::string& url = directory().key_change;
    if (url.empty()) return detail::not_offered("changes of an account's key (keyChange)");
    auto payload = key_change_payload(new_key, ca_.account_url, jose::to_jwk(public_key_of_signer(ca_.key)), url);
    if (!payload) return because(payload.error(), "signing the change of the account key with the new key");
    auto r = ca_.post_as_account(url, *std::move(payload));
    if (!r && r.error().problem && r.error().problem->status == 409) {
      failure f = r.error();
      f.code = make_error_code(errc::key_in_use);
      f.what += "; the new key has the account " + f.location;
      return f;
    }
    if (!r) return r.error();
    ca_.key = new_key;
    return {};
  }

  /// For ever: "the server MUST NOT accept further requests authorized by that account's key" (section 7.3.6).
  [[nodiscard]] result<account> deactivate_account() {
    return ca_.ask(ca_.account_url, std::string{deactivate_payload}, to_account);
  }

  // --- orders (section 7.4)

  [[nodiscard]] result<order> new_order(const order_request& wish) {
    if (auto offered = check_profile(wish.profile); !offered) return offered.error();
    const std::string& url = directory().new_order;
    auto o = ca_.made(ca_.post_as_account(url, new_order_payload(wish)), url, "order", to_order);
    if (o) o->identifiers = wish.names;  // what was asked for, whatever the CA makes of it
    return o;
  }

  [[nodiscard]] result<order> new_order(std::span<const identifier> names) {
    return new_order(order_request{.names = {names.begin(), names.end()}});
  }

  [[nodiscard]] result<order> get_order(const std::string& url) { return ca_.ask(url, {}, to_order); }

  /// The URLs of the account's orders, of which a CA may leave out those that are over (section 7.1.2.1): where an order is
  /// found whose answer was lost. errc::not_offered where the CA has no such list.
  [[nodiscard]] result<std::vector<std::string>> list_orders() {
    if (orders_url_.empty())
      if (auto found = find_account(); !found) return found.error();
    if (orders_url_.empty()) return detail::not_offered("a list of an account's orders");
    const auto until = http::clock::now() + ca_.options.wait_timeout;
    std::vector<std::string> orders;
    std::string url = orders_url_;
    for (int page = 0; page < detail::order_page_limit && orders.size() < detail::order_limit; ++page) {
      if (http::clock::now() >= until)
        return failure{make_error_code(errc::deadline_exceeded), url + ": the list of orders does not end in the time allowed"};
      auto r = ca_.post_as_account(url, {});
      if (!r) return r.error();
      const auto body = detail::object_of(*r, url);
      if (!body) return body.error();
      for (const std::string& one : texts(*body, "orders")) orders.push_back(http::resolve(url, one));
      const auto next = http::links(*r, "next");
      if (next.empty()) return orders;
      url = http::resolve(url, next.front());
    }
    return failure{make_error_code(errc::not_acme), orders_url_ + ": the list of orders is too long to be read"};
  }

  // --- authorizations (sections 7.4.1 and 7.5)

  /// Before any order (section 7.4.1): give it to `authorize` as the one authorization of an order. errc::not_offered where the
  /// CA has no newAuthz.
  [[nodiscard]] result<authorization> new_authorization(const identifier& id) {
    const std::string& url = directory().new_authz;
    if (url.empty()) return detail::not_offered("authorizations before an order (newAuthz)");
    return ca_.made(ca_.post_as_account(url, new_authorization_payload(id)), url, "authorization", to_authorization);
  }

  [[nodiscard]] result<authorization> get_authorization(const std::string& url) { return ca_.ask(url, {}, to_authorization); }

  /// "If a client wishes to relinquish its authorization to issue certificates for an identifier" (section 7.5.2)
  [[nodiscard]] result<authorization> deactivate_authorization(const std::string& url) {
    return ca_.ask(url, std::string{deactivate_payload}, to_authorization);
  }

  /// Tells the CA to look (section 7.5.1). Once a challenge: a second time is a conflict.
  [[nodiscard]] result<void> respond(const challenge& c) {
    auto r = ca_.post_as_account(c.url, "{}");
    if (!r && !(r.error().problem && r.error().problem->status == 409)) return r.error();
    return {};
  }

  /// Satisfies every authorization of the order, all at the same time: all are presented and looked at before the CA hears of
  /// the first. On return nothing of the solver's is left behind, unless it keeps it.
  template <challenge_solver V>
  [[nodiscard]] result<void> authorize(const order& o, V& solver) {
    const auto tasks = choose_challenges(o, solver);
    if (!tasks) return tasks.error();
    detail::presented<V> shown{solver, *tasks};
    auto done = prove(*tasks, shown);
    if (!done) shown.keep_for(done.error());
    return done;
  }

  // --- certificates (sections 7.4 and 7.4.2)

  /// Sends the CSR, unless the order is past that, and waits until the certificate is there.
  [[nodiscard]] result<order> finalize(const order& o, bytes_view csr) {
    auto finished = finalize_and_wait(o, csr);
    if (finished) finished->identifiers = o.identifiers;
    return finished;
  }

  /// Downloads the certificate, checks that it is for `key` and for the order's names, and puts its chain in order. If
  /// `preferred` does not like the chain, the first alternate that it likes is taken, else the chain after all. For an order
  /// that get_order read, set order::identifiers to what was asked for: the CA's word is no check of the CA.
  template <chain_preference P = any_chain>
  [[nodiscard]] result<issued_certificate> download(const order& o, const any_public_key& key, P preferred = {}) {
    auto standard = download_chain(o.certificate, o, key);
    if (!standard || preferred(standard->chain)) return standard;
    for (std::size_t i = 0; i < standard->alternates.size() && i < detail::alternate_limit; ++i) {
      auto other = download_chain(standard->alternates[i], o, key);
      // "alternative certificate chains starting with the same end-entity certificate"
      if (!other || other->chain.front().der() != standard->chain.front().der() || !preferred(other->chain)) continue;
      other->alternates = standard->alternates;
      return other;
    }
    return standard;
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

  // --- renewal (RFC 9773)

  /// When the CA would have the certificate of that certificate_id renewed. Nothing is signed. A failure, too, may say when to
  /// ask again.
  [[nodiscard]] result<acme::renewal_info> renewal_info(std::string_view id) {
    return read_renewal_info(ca_.http, directory(), id, ca_.options);
  }

  // --- revocation (section 7.6)

  [[nodiscard]] result<void> revoke(bytes_view certificate, std::optional<revocation_reason> reason = {}) {
    return revoked(ca_.post_as_account(directory().revoke_cert, revocation_payload(certificate, reason)));
  }

  /// By the certificate's own key: needs no account.
  template <some_signer K>
  [[nodiscard]] result<void> revoke_with(const K& certificate_key, bytes_view certificate,
                                         std::optional<revocation_reason> reason = {}) {
    return revoked(
        ca_.send(jose::with_jwk<K>{certificate_key}, directory().revoke_cert, revocation_payload(certificate, reason)));
  }

private:
  /// newAccount is the one request signed with "jwk" by the account key.
  result<account> account_from(std::string payload) {
    const std::string& url = directory().new_account;
    auto a = ca_.made(ca_.send(jose::with_jwk<S>{ca_.key}, url, std::move(payload)), url, "account", to_account);
    if (!a) return a;
    ca_.account_url = a->url;
    orders_url_ = http::resolve(url, a->orders);
    return a;
  }

  /// What a CA does not list it would refuse; one that lists nothing may know profiles all the same.
  result<void> check_profile(const std::string& profile) const {
    const auto& offered = directory().profiles;
    if (profile.empty() || offered.empty() || offered.contains(profile)) return {};
    std::string names;
    for (const auto& [name, description] : offered) names += (names.empty() ? "" : ", ") + name;
    return detail::not_offered("the profile \"" + profile + "\"; it has " + names);
  }

  /// A challenge for every authorization that is not valid yet.
  template <class V>
  result<std::vector<detail::task>> choose_challenges(const order& o, V& solver) {
    auto thumbprint = jose::thumbprint(public_key_of_signer(ca_.key));
    if (!thumbprint) return because(thumbprint.error(), "hashing the account key");
    std::vector<detail::task> tasks;
    for (const std::string& url : std::set<std::string>(o.authorizations.begin(), o.authorizations.end())) {
      auto a = get_authorization(url);
      if (!a) return a.error();
      if (a->status == "valid") continue;
      if (!detail::is_undecided(*a)) return detail::authorization_failure(*a);
      const challenge* c = solver.choose(*a);
      if (c == nullptr) return detail::unsolvable(*a);
      tasks.push_back({url, a->identifier, *c, key_authorization(c->token, *thumbprint)});
    }
    return tasks;
  }

  template <class V>
  result<void> prove(std::span<const detail::task> tasks, detail::presented<V>& shown) {
    if (auto presented = shown.present_all(); !presented) return presented;
    if (auto seen = shown.look_at_all(); !seen) return seen;
    for (const detail::task& t : tasks) {
      const bool told = t.challenge.status != "pending" && !t.challenge.status.empty();  // by an earlier run
      if (told) continue;
      if (auto responded = respond(t.challenge); !responded) return responded;
    }
    for (const detail::task& t : tasks)
      if (auto valid = ca_.wait_for_authorization(t.authorization); !valid) return valid;
    return {};
  }

  result<order> finalize_and_wait(const order& o, bytes_view csr) {
    if (o.status == "valid" && !o.certificate.empty()) return o;
    if (o.status == "invalid") return detail::order_failure(o);
    if (o.status == "processing" || o.status == "valid") return ca_.wait_for_order(o.url, "processing");
    auto r = ca_.post_as_account(o.finalize, finalize_payload(csr));
    if (!r && r.error().problem && r.error().problem->is("orderNotReady")) {
      // The CA is slower to update the order than its authorizations; or it has finalized already, and its answer was lost.
      auto ready = ca_.wait_for_order(o.url, "pending");
      if (!ready || ready->status != "ready") return ready;
      r = ca_.post_as_account(o.finalize, finalize_payload(csr));
    }
    if (!r) return r.error();
    const auto body = detail::object_of(*r, o.finalize);
    if (!body) return body.error();
    order now = to_order(*body, o.url);
    if (now.status == "valid" && !now.certificate.empty()) return now;
    return ca_.wait_for_order(o.url, "processing");
  }

  result<issued_certificate> download_chain(const std::string& url, const order& o, const any_public_key& key) {
    auto r = ca_.post_as_account(url, {}, "application/pem-certificate-chain");
    if (!r) return r.error();
    return detail::check_certificate(*r, url, o, key);
  }

  /// A certificate that is revoked already is what was wanted.
  static result<void> revoked(const result<http::response>& r) {
    if (!r && !(r.error().problem && r.error().problem->is("alreadyRevoked"))) return r.error();
    return {};
  }

  detail::connection<S, Http> ca_;
  std::string orders_url_;
};

}  // namespace sealring::inline v0::acme

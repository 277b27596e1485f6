// What an ACME client can do, each operation as a flow: the one source of client.hpp and async_client.hpp, which describe them.
#pragma once

#include "sealring/acme/account.hpp"
#include "sealring/acme/connection.hpp"
#include "sealring/acme/issued_certificate.hpp"
#include "sealring/acme/key_change.hpp"
#include "sealring/acme/revocation.hpp"
#include "sealring/acme/solver.hpp"
#include "sealring/x509/csr.hpp"

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsubobject-linkage"  // of frames that hold a type of a .cpp file's own, in unity builds
#endif

namespace sealring::inline v0::acme::detail {

/// For one operation: neither copied nor moved while its flow lasts, and its world and its standing outlive it.
template <class S, class World>
class operations {
public:
  operations(World& world, standing<S>& here) : world_{world}, here_{here}, ca_{world, here} {}

  flow<acme::directory> read_directory(std::string url) { return get_directory(world_, std::move(url), here_.options); }

  // --- the account

  flow<account> register_account(account_request wish) {
    const std::string jwk = jose::to_jwk(key_of(pen_of<S>{here_.key}));
    auto payload = new_account_payload(wish, jwk, directory().new_account);
    if (!payload) co_return because(payload.error(), "signing the external account binding");
    co_return co_await account_from(*std::move(payload));
  }

  flow<account> find_account() { return account_from(std::string{existing_account_payload}); }

  flow<account> update_account(std::vector<std::string> contacts) {
    return ca_.ask(here_.account_url, account_update_payload(contacts), to_account);
  }

  flow<void> change_key(S new_key) {
    if (here_.account_url.empty()) co_return no_account();
    const std::string url = directory().key_change;
    if (url.empty()) co_return not_offered("changes of an account's key (keyChange)");
    const std::string old_jwk = jose::to_jwk(key_of(pen_of<S>{here_.key}));
    const pen_of<S> pen{new_key};
    const auto sign_change = [&]() -> result<std::string> {
      auto made = key_change_payload(pen, here_.account_url, old_jwk, url);
      if (!made) return because(made.error(), "signing the change of the account key with the new key");
      return *std::move(made);
    };
    auto payload = co_await ca_.signed_by(world_, pen, sign_change);
    if (!payload) co_return payload.error();
    auto r = co_await ca_.post_as_account(url, *std::move(payload));
    if (!r && r.error().problem && r.error().problem->status == 409) {
      failure f = r.error();
      f.code = make_error_code(errc::key_in_use);
      f.what += "; the new key has the account " + f.location;
      co_return f;
    }
    if (!r) co_return r.error();
    auto changed = co_await has_account(new_key);
    if (changed) here_.key = new_key;
    co_return changed;
  }

  flow<account> deactivate_account() { return ca_.ask(here_.account_url, std::string{deactivate_payload}, to_account); }

  // --- orders

  flow<order> new_order(order_request wish) {
    auto offered = check_profile(wish.profile);
    if (!offered) co_return offered.error();
    const std::string url = directory().new_order;
    const auto r = co_await ca_.post_as_account(url, new_order_payload(wish));
    auto o = ca_.made(r, url, "order", to_order);
    if (o) o->identifiers = wish.names;  // what was asked for, whatever the CA makes of it
    co_return o;
  }

  flow<order> get_order(std::string url) { return ca_.ask(std::move(url), {}, to_order); }

  flow<order> cancel_order(std::string url) { return ca_.ask(std::move(url), std::string{cancel_payload}, to_order); }

  flow<std::vector<std::string>> list_orders() {
    if (here_.orders_url.empty()) {
      auto found = co_await find_account();
      if (!found) co_return found.error();
    }
    if (here_.orders_url.empty()) co_return not_offered("a list of an account's orders");
    const auto until = http::clock::now() + here_.options.wait_timeout;
    std::vector<std::string> orders;
    std::string url = here_.orders_url;
    for (int page = 0; page < order_page_limit && orders.size() < order_limit; ++page) {
      if (http::clock::now() >= until)
        co_return failure{make_error_code(errc::deadline_exceeded),
                          url + ": the list of orders does not end in the time allowed"};
      auto r = co_await ca_.post_as_account(url, std::string{});
      if (!r) co_return r.error();
      const auto body = object_of(*r, url);
      if (!body) co_return body.error();
      for (const std::string& one : texts(*body, "orders")) orders.push_back(http::resolve(url, one));
      const auto next = http::links(*r, "next");
      if (next.empty()) co_return orders;
      url = http::resolve(url, next.front());
    }
    co_return failure{make_error_code(errc::not_acme), here_.orders_url + ": the list of orders is too long to be read"};
  }

  // --- authorizations

  flow<authorization> new_authorization(identifier id, bool for_subdomains) {
    const std::string url = directory().new_authz;
    if (url.empty()) co_return not_offered("authorizations before an order (newAuthz)");
    const auto r = co_await ca_.post_as_account(url, new_authorization_payload(id, for_subdomains));
    co_return ca_.made(r, url, "authorization", to_authorization);
  }

  flow<authorization> get_authorization(std::string url) { return ca_.ask(std::move(url), {}, to_authorization); }

  flow<authorization> deactivate_authorization(std::string url) {
    return ca_.ask(std::move(url), std::string{deactivate_payload}, to_authorization);
  }

  flow<void> respond(challenge c, std::string payload) {
    auto r = co_await ca_.post_as_account(c.url, std::move(payload));
    if (!r && !(r.error().problem && r.error().problem->status == 409)) co_return r.error();
    co_return {};
  }

  template <class V>
  flow<void> authorize(order o, V& solver) {
    const auto tasks = co_await choose_challenges(o, solver);
    if (!tasks) co_return tasks.error();
    presented<World, V> shown{world_, solver, *tasks};
    result<void> done;
    std::exception_ptr thrown;  // by the caller's code
    try {
      done = co_await prove(*tasks, shown);
    } catch (...) {
      thrown = std::current_exception();
    }
    co_await shown.take_back(done);
    if (thrown) std::rethrow_exception(thrown);
    co_return done;
  }

  // --- certificates

  flow<order> finalize(order o, bytes csr) {
    auto finished = co_await finalize_and_wait(o, csr);
    if (finished) finished->identifiers = o.identifiers;
    co_return finished;
  }

  template <chain_preference P>
  flow<issued_certificate> download(order o, any_public_key key, P preferred) {
    auto standard = co_await download_chain(certificate_url(o), o, key);
    if (!standard || preferred(standard->chain)) co_return standard;
    for (std::size_t i = 0; i < standard->alternates.size() && i < alternate_limit; ++i) {
      auto other = co_await download_chain(standard->alternates[i], o, key);
      // "alternative certificate chains starting with the same end-entity certificate"
      if (!other || other->chain.front().der() != standard->chain.front().der() || !preferred(other->chain)) continue;
      other->alternates = standard->alternates;
      co_return other;
    }
    co_return standard;
  }

  template <class K, class V>
  flow<issued_certificate> obtain(std::vector<identifier> names, K certificate_key, V& solver) {
    order_request wish;
    wish.names = names;
    auto o = co_await new_order(std::move(wish));
    if (!o) co_return o.error();
    auto authorized = co_await authorize(*o, solver);
    if (!authorized) co_return authorized.error();
    const pen_of<K> pen{certificate_key};
    const auto make_csr = [&]() -> result<bytes> {
      auto made = x509::make_csr(pen, names);
      if (!made) return because(made.error(), "signing the certification request");
      return *std::move(made);
    };
    auto csr = co_await ca_.signed_by(world_, pen, make_csr);
    if (!csr) co_return csr.error();
    auto finished = co_await finalize(*o, *std::move(csr));
    if (!finished) co_return finished.error();
    co_return co_await download(*finished, key_of(pen), any_chain{});
  }

  // --- renewal

  flow<acme::renewal_info> renewal_info(std::string id) {
    return get_renewal_info(world_, directory(), std::move(id), here_.options);
  }

  // --- revocation

  flow<void> revoke(bytes certificate, std::optional<revocation_reason> reason) {
    const auto r = co_await ca_.post_as_account(directory().revoke_cert, revocation_payload(certificate, reason));
    co_return revoked(r);
  }

  template <class K>
  flow<void> revoke_with(K certificate_key, bytes certificate, std::optional<revocation_reason> reason) {
    const auto r =
        co_await ca_.post_with_jwk(certificate_key, directory().revoke_cert, revocation_payload(certificate, reason));
    co_return revoked(r);
  }

private:
  template <class K>
  using pen_of = typename World::template pen<K>;

  static any_public_key key_of(const auto& pen) { return public_key_of_signer(pen); }

  const acme::directory& directory() const noexcept { return here_.session.directory; }

  /// newAccount is the one request signed with "jwk" by the account key.
  flow<account> account_from(std::string payload) {
    const std::string url = directory().new_account;
    const auto r = co_await ca_.post_with_jwk(here_.key, url, std::move(payload));
    auto a = ca_.made(r, url, "account", to_account);
    if (!a) co_return a;
    here_.account_url = a->url;
    here_.orders_url = http::resolve(url, a->orders);
    co_return a;
  }

  /// Whether the account is that key's. A CA may say that it changed the key, and have changed nothing, since the key has
  /// another account.
  flow<void> has_account(const S& key) {
    const std::string url = directory().new_account;
    const auto r = co_await ca_.post_with_jwk(key, url, std::string{existing_account_payload});
    if (!r && r.error().problem && r.error().problem->is("accountDoesNotExist"))
      co_return failure{make_error_code(errc::not_acme), url + ": the CA took the new key, and does not know it"};
    const auto a = ca_.made(r, url, "account", to_account);
    if (!a) co_return a.error();
    if (a->url == here_.account_url) co_return {};
    failure f{make_error_code(errc::key_in_use), url + ": the new key has the account " + a->url};
    f.location = a->url;
    co_return f;
  }

  /// What a CA does not list it would refuse; one that lists nothing may know profiles all the same.
  result<void> check_profile(const std::string& profile) const {
    const auto& offered = directory().profiles;
    if (profile.empty() || offered.empty() || directory().has_profile(profile)) return {};
    std::string names;
    for (const auto& one : offered) names += (names.empty() ? "" : ", ") + one.name;
    return not_offered("the profile \"" + profile + "\"; it has " + names);
  }

  /// A challenge for every authorization that is not valid yet.
  template <class V>
  flow<std::vector<task>> choose_challenges(const order& o, V& solver) {
    auto thumbprint = jose::thumbprint(key_of(pen_of<S>{here_.key}));
    if (!thumbprint) co_return because(thumbprint.error(), "hashing the account key");
    std::vector<task> tasks;
    for (const std::string& url : each_once(o.authorizations)) {
      auto a = co_await get_authorization(url);
      if (!a) co_return a.error();
      if (a->status == "valid") continue;
      if (!is_undecided(*a)) co_return authorization_failure(*a);
      const challenge* c = solver.choose(*a);
      if (c == nullptr) co_return unsolvable(*a);
      tasks.push_back({url, a->identifier, *c, key_authorization(c->token, *thumbprint)});
    }
    co_return tasks;
  }

  template <class V>
  flow<void> prove(std::span<const task> tasks, presented<World, V>& shown) {
    auto presented = co_await shown.present_all();
    if (!presented) co_return presented;
    auto seen = co_await shown.look_at_all();
    if (!seen) co_return seen;
    for (const task& t : tasks) {
      const bool told = t.challenge.status != "pending" && !t.challenge.status.empty();  // by an earlier run
      if (told) continue;
      auto responded = co_await respond(t.challenge, shown.response_to(t));
      if (!responded) co_return responded;
    }
    for (const task& t : tasks) {
      auto valid = co_await ca_.wait_for_authorization(t.authorization);
      if (!valid) co_return valid;
    }
    co_return {};
  }

  flow<order> finalize_and_wait(const order& o, const bytes& csr) {
    if (o.status == "valid" && !certificate_url(o).empty()) co_return o;
    if (o.status == "invalid") co_return order_failure(o);
    if (o.status == "processing" || o.status == "valid") co_return co_await ca_.wait_for_order(o.url, "processing");
    auto r = co_await ca_.post_as_account(o.finalize, finalize_payload(csr));
    if (!r && r.error().problem && r.error().problem->is("orderNotReady")) {
      // The CA is slower to update the order than its authorizations; or it has finalized already, and its answer was lost.
      auto ready = co_await ca_.wait_for_order(o.url, "pending");
      if (!ready || ready->status != "ready") co_return ready;
      r = co_await ca_.post_as_account(o.finalize, finalize_payload(csr));
    }
    if (!r) co_return r.error();
    const auto body = object_of(*r, o.finalize);
    if (!body) co_return body.error();
    order now = to_order(*body, o.url);
    if (now.status == "valid" && !certificate_url(now).empty()) co_return now;
    co_return co_await ca_.wait_for_order(o.url, "processing");
  }

  flow<issued_certificate> download_chain(const std::string& url, const order& o, const any_public_key& key) {
    auto r = co_await ca_.post_as_account(url, std::string{}, std::string{"application/pem-certificate-chain"});
    if (!r) co_return r.error();
    co_return check_certificate(*r, url, o, key);
  }

  /// A certificate that is revoked already is what was wanted.
  static result<void> revoked(const result<http::response>& r) {
    if (!r && !(r.error().problem && r.error().problem->is("alreadyRevoked"))) return r.error();
    return {};
  }

  World& world_;
  standing<S>& here_;
  connection<S, World> ca_;
};

}  // namespace sealring::inline v0::acme::detail

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

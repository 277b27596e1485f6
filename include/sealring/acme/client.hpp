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

#include "sealring/acme/blocking.hpp"
#include "sealring/acme/operations.hpp"

namespace sealring::inline v0::acme {

/// The blocking client, over one account and its key. Not safe from several threads at once.
template <some_signer S, http::client Http>
class client {
public:
  /// With a directory that was read before; connect reads it.
  client(Http http, S account_key, acme::directory directory, client_options options = {})
      : http_{std::move(http)}, here_{std::move(account_key), std::move(options)} {
    here_.session.directory = std::move(directory);
    here_.session.user_agent = here_.options.user_agent;
  }

  /// Reads the directory. Nothing is signed yet.
  [[nodiscard]] static result<client> connect(Http http, S account_key, std::string directory_url,
                                              client_options options = {}) {
    auto directory = read_directory(http, std::move(directory_url), options);
    if (!directory) return directory.error();
    return client{std::move(http), std::move(account_key), *std::move(directory), std::move(options)};
  }

  /// What the CA offers.
  [[nodiscard]] const acme::directory& directory() const noexcept { return here_.session.directory; }
  /// What signs each request.
  [[nodiscard]] const S& account_key() const noexcept { return here_.key; }

  // --- the account (sections 7.3 to 7.3.6)

  /// Makes an account, or finds the one this key already has. Later requests are made in its name.
  [[nodiscard]] result<account> register_account(const account_request& wish) {
    return run([&](auto& ca) { return ca.register_account(wish); });
  }

  /// The account of this key; a problem "accountDoesNotExist" if it has none (section 7.3.1).
  [[nodiscard]] result<account> find_account() {
    return run([&](auto& ca) { return ca.find_account(); });
  }

  /// For a caller that remembers the account's URL: saves the request that find_account makes.
  void use_account(std::string url) {
    here_.account_url = std::move(url);
    here_.orders_url.clear();
  }

  /// These contacts instead of those it has (section 7.3.2).
  [[nodiscard]] result<account> update_account(std::span<const std::string> contacts) {
    return run([&](auto& ca) { return ca.update_account({contacts.begin(), contacts.end()}); });
  }

  /// From then on the account is the new key's, and this client signs with it (section 7.3.5). The CA's word is not taken for
  /// it: the new key asks for its account. If an answer is lost, only find_account with each of the two keys tells which one
  /// has the account. errc::key_in_use where the new key has another one.
  [[nodiscard]] result<void> change_key(const S& new_key) {
    return run([&](auto& ca) { return ca.change_key(new_key); });
  }

  /// For ever: "the server MUST NOT accept further requests authorized by that account's key" (section 7.3.6).
  [[nodiscard]] result<account> deactivate_account() {
    return run([&](auto& ca) { return ca.deactivate_account(); });
  }

  // --- orders (section 7.4)

  /// Asks for a certificate. Its authorizations are to be met first.
  [[nodiscard]] result<order> new_order(const order_request& wish) {
    return run([&](auto& ca) { return ca.new_order(wish); });
  }

  /// The same, for these names and nothing else.
  [[nodiscard]] result<order> new_order(std::span<const identifier> names) {
    return new_order(order_request{.names = {names.begin(), names.end()}});
  }

  /// The order as it now stands.
  [[nodiscard]] result<order> get_order(const std::string& url) {
    return run([&](auto& ca) { return ca.get_order(url); });
  }

  /// Ends the renewal of an order that the CA renews by itself (RFC 8739 section 3.1.2).
  [[nodiscard]] result<order> cancel_order(const std::string& url) {
    return run([&](auto& ca) { return ca.cancel_order(url); });
  }

  /// The URLs of the account's orders, of which a CA may leave out those that are over (section 7.1.2.1): where an order is
  /// found whose answer was lost. errc::not_offered where the CA has no such list.
  [[nodiscard]] result<std::vector<std::string>> list_orders() {
    return run([&](auto& ca) { return ca.list_orders(); });
  }

  // --- authorizations (sections 7.4.1 and 7.5)

  /// Before any order (section 7.4.1): give it to `authorize` as the one authorization of an order. errc::not_offered where the
  /// CA has no newAuthz. `for_subdomains`: see new_authorization_payload.
  [[nodiscard]] result<authorization> new_authorization(const identifier& id, bool for_subdomains = false) {
    return run([&](auto& ca) { return ca.new_authorization(id, for_subdomains); });
  }

  /// The authorization as it now stands.
  [[nodiscard]] result<authorization> get_authorization(const std::string& url) {
    return run([&](auto& ca) { return ca.get_authorization(url); });
  }

  /// "If a client wishes to relinquish its authorization to issue certificates for an identifier" (section 7.5.2)
  [[nodiscard]] result<authorization> deactivate_authorization(const std::string& url) {
    return run([&](auto& ca) { return ca.deactivate_authorization(url); });
  }

  /// Tells the CA to look (section 7.5.1). Once a challenge: a second time is a conflict. `payload`: of types that are answered
  /// with more, see device_attest_payload.
  [[nodiscard]] result<void> respond(const challenge& c, std::string_view payload = respond_payload) {
    return run([&](auto& ca) { return ca.respond(c, std::string{payload}); });
  }

  /// Satisfies every authorization of the order, all at the same time: all are presented and looked at before the CA hears of
  /// the first. On return nothing of the solver's is left behind, unless it keeps it.
  template <challenge_solver V>
  [[nodiscard]] result<void> authorize(const order& o, V& solver) {
    return run([&](auto& ca) { return ca.authorize(o, solver); });
  }

  // --- certificates (sections 7.4 and 7.4.2)

  /// Sends the CSR, unless the order is past that, and waits until the certificate is there.
  [[nodiscard]] result<order> finalize(const order& o, bytes_view csr) {
    return run([&](auto& ca) { return ca.finalize(o, bytes(csr.begin(), csr.end())); });
  }

  /// Downloads the certificate, checks that it is for `key` and for the order's names, and puts its chain in order. If
  /// `preferred` does not like the chain, the first alternate that it likes is taken, else the chain after all. For an order
  /// that get_order read, set order::identifiers to what was asked for: the CA's word is no check of the CA.
  template <chain_preference P = any_chain>
  [[nodiscard]] result<issued_certificate> download(const order& o, const any_public_key& key, P preferred = {}) {
    return run([&](auto& ca) { return ca.download(o, key, std::move(preferred)); });
  }

  /// The whole of issuance: order, challenges, CSR, certificate.
  template <some_signer K, challenge_solver V>
  [[nodiscard]] result<issued_certificate> obtain(std::span<const identifier> names, const K& certificate_key, V& solver) {
    return run(
        [&](auto& ca) { return ca.obtain(std::vector<identifier>(names.begin(), names.end()), certificate_key, solver); });
  }

  // --- renewal (RFC 9773)

  /// When the CA would have the certificate of that certificate_id renewed. Nothing is signed. A failure, too, may say when to
  /// ask again.
  [[nodiscard]] result<acme::renewal_info> renewal_info(std::string_view id) {
    return run([&](auto& ca) { return ca.renewal_info(std::string{id}); });
  }

  // --- revocation (section 7.6)

  /// By the account that got the certificate, DER, or one that is authorized for all of its names.
  [[nodiscard]] result<void> revoke(bytes_view certificate, std::optional<revocation_reason> reason = {}) {
    return run([&](auto& ca) { return ca.revoke(bytes(certificate.begin(), certificate.end()), reason); });
  }

  /// By the certificate's own key: needs no account.
  template <some_signer K>
  [[nodiscard]] result<void> revoke_with(const K& certificate_key, bytes_view certificate,
                                         std::optional<revocation_reason> reason = {}) {
    return run(
        [&](auto& ca) { return ca.revoke_with(certificate_key, bytes(certificate.begin(), certificate.end()), reason); });
  }

private:
  /// `start(operations)` gives the flow.
  template <class Start>
  auto run(Start start) {
    detail::blocking_world<Http> world{http_};
    detail::operations<S, detail::blocking_world<Http>> operations{world, here_};
    return detail::run(start(operations));
  }

  Http http_;
  detail::standing<S> here_;
};

}  // namespace sealring::inline v0::acme

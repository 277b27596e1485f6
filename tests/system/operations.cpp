// Every operation of RFC 8555 and its relatives, by the toolkit alone, against a CA that has it. Each says which section it is
// of.
//
// usage: operations pebble|scripted     in a test bed, whose environment says where the CA is
#include "system/operations.hpp"

#include <thread>

using namespace sealring;
using namespace sealring::test;
using namespace std::chrono_literals;

namespace {

// --- what Pebble has

/// Sections 7.3, 7.3.1 and 7.3.2.
void account_of(client& ca, const software_key<es256>& key) {
  client stranger = connect(key);
  demand_refused(stranger.find_account(), "accountDoesNotExist");
  const auto made = registered(ca);
  demand(stranger.find_account().value().url == made.url, "another account is found");
  done("newAccount, and onlyReturnExisting");

  const auto updated = ca.update_account(std::vector<std::string>{"mailto:other@example.test"}).value();
  demand(updated.contact == std::vector<std::string>{"mailto:other@example.test"}, "the contact is not the new one");
  demand(to_json(updated) == updated.source, "the account is not written back as it was sent");
  done("account update");
}

/// Sections 7.1.2.1, 7.1.3, 7.4, 7.4.2 and 8.4; RFC 9773 sections 4.1, 4.2 and 5; draft-ietf-acme-profiles section 4;
/// draft-ietf-acme-dns-account-label section 3.1; draft-ietf-acme-dns-persist-01 section 4.
void orders_of(client& ca, const std::string& account_url) {
  const auto thumbprint = jose::thumbprint(public_key_of_signer(ca.account_key())).value();
  txt_solver dns01{.type = acme::dns01, .account_url = account_url};
  const auto key = fresh_key();
  const auto names = names_of({"ordered.test", "*.ordered.test"});
  const auto wish = acme::order_request{.names = names, .profile = "brief"};
  const auto o = ca.new_order(wish).value();
  const auto read = ca.get_order(o.url).value();
  demand(read.profile == "brief" && !read.expires.empty(), "the order lacks its profile or its end");
  demand(to_json(read) == read.source, "the order is not written back as it was sent");
  demand(ca.list_orders().value() == std::vector{o.url}, "the order is not in the list");
  const auto issued = issue(ca, wish, key, dns01);
  demand(issued.chain.front().not_after() - std::chrono::system_clock::now() < std::chrono::days{7},
         "not the profile's certificate");
  done("order with a profile, by dns-01, with a wildcard; the list of orders");
  demand(!issued.alternates.empty(), "no alternate chain");
  done("alternate chains");

  const auto id = acme::certificate_id(issued.chain.front());
  const auto info = ca.renewal_info(id).value();
  demand(to_json(info) == info.source, "the renewal information is not written back as it was sent");
  const acme::order_request renewal{.names = names, .replaces = id};
  demand(ca.get_order(ca.new_order(renewal).value().url).value().replaces == id, "the order does not say what it replaces");
  static_cast<void>(issue(ca, renewal, fresh_key(), dns01));
  demand_refused(ca.new_order(renewal), "alreadyReplaced");
  done("renewal information, and an order that replaces a certificate");

  txt_solver of_account{.type = acme::dns_account01, .account_url = account_url};
  static_cast<void>(issue(ca, {.names = names_of({"labelled.test"})}, key, of_account));
  demand(of_account.shown.ends_with("._acme-challenge.labelled.test"), "not by dns-account-01");
  done("dns-account-01");

  txt_solver persistent{
      .type = acme::dns_persist01, .account_url = account_url, .thumbprint = thumbprint, .directory = ca.directory()};
  static_cast<void>(issue(ca, {.names = names_of({"*.kept.test"})}, key, persistent));
  demand(persistent.shown == "_validation-persist.kept.test", "not by dns-persist-01");
  done("dns-persist-01, with a wildcard");
}

/// Sections 7.1.4, 7.5, 7.5.1 and 7.5.2.
void authorization_of(client& ca, const std::string& account_url) {
  const auto o = ca.new_order(names_of({"given-back.test"})).value();
  txt_solver dns01{.type = acme::dns01, .account_url = account_url};
  ca.authorize(o, dns01).value();
  const auto valid = ca.get_authorization(o.authorizations.front()).value();
  demand(valid.status == "valid" && !valid.expires.empty(), "the authorization is not valid");
  demand(to_json(valid) == valid.source, "the authorization is not written back as it was sent");
  demand(ca.deactivate_authorization(valid.url).value().status == "deactivated", "the authorization is not given back");
  done("authorization deactivation");
}

/// Section 7.4.
void dates_of(client& ca, const std::string& account_url) {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const acme::order_request wish{.names = names_of({"dated.test"}), .not_before = now, .not_after = now + 48h};
  txt_solver dns01{.type = acme::dns01, .account_url = account_url};
  const auto issued = issue(ca, wish, fresh_key(), dns01);
  demand(issued.chain.front().not_before() == now && issued.chain.front().not_after() == now + 48h, "the dates are others");
  done("notBefore and notAfter");
}

/// Section 7.6.
template <class Solver>
void revocation_of(client& ca, Solver& solver) {
  const auto key = fresh_key();
  const auto one = issue(ca, {.names = names_of({"revoked.test"})}, key, solver);
  ca.revoke(one.chain.front().der(), acme::revocation_reason::superseded).value();
  done("revocation by the account");
  const auto other = issue(ca, {.names = names_of({"revoked.test"})}, key, solver);
  ca.revoke_with(key, other.chain.front().der(), acme::revocation_reason::key_compromise).value();
  done("revocation by the certificate's key");
}

/// Section 7.3.5.
void key_change_of(client& ca, const std::string& account_url) {
  const auto key = fresh_key();
  ca.change_key(key).value();
  demand(connect(key).find_account().value().url == account_url, "the account is not the new key's");
  done("key rollover");
}

/// Section 7.3.6.
void end_of(client& ca) {
  demand(ca.deactivate_account().value().status == "deactivated", "the account is not deactivated");
  demand_refused(ca.new_order(names_of({"late.test"})), "unauthorized");
  done("account deactivation");
}

/// Section 7.1.1, and all that Pebble has.
void pebble() {
  const auto key = fresh_key();
  client ca = connect(key);
  demand(to_json(ca.directory()) == ca.directory().source, "the directory is not written back as it was sent");
  done("directory");
  account_of(ca, key);
  const auto account_url = ca.find_account().value().url;
  orders_of(ca, account_url);
  authorization_of(ca, account_url);
  dates_of(ca, account_url);
  txt_solver dns01{.type = acme::dns01, .account_url = account_url};
  revocation_of(ca, dns01);
  key_change_of(ca, account_url);
  end_of(ca);
}

// --- what only the scripted CA has

/// Sections 7.4.1 and 8.3.
void pre_authorization(client& ca, web_root_solver& solver) {
  const auto made = ca.new_authorization(names_of({"early.test"}).front()).value();
  ca.authorize(acme::order{"", "pending", {}, {made.url}, "", "", {}}, solver).value();
  demand(ca.new_order(names_of({"early.test"})).value().status == "ready", "the order asks for more");
  done("pre-authorization");
}

/// RFC 9444 sections 4.1, 4.2, 4.3 and 4.4.
void subdomains(client& ca, by_hand& raw, web_root_solver& solver) {
  demand(ca.directory().subdomain_auth_allowed, "not offered");
  const auto domain = names_of({"parent.test"}).front();
  const auto made = raw.ask(ca.directory().new_authz, acme::new_authorization_payload(domain, true), acme::to_authorization);
  demand(made.subdomain_auth_allowed, "not for the names below");
  ca.authorize(acme::order{"", "pending", {}, {made.url}, "", "", {}}, solver).value();
  demand(ca.new_order(names_of({"one.parent.test", "two.parent.test"})).value().status == "ready", "the order asks for more");
  done("pre-authorization of a domain and all names below it");

  const acme::order_request wish{.names = names_of({"a.b.ancestor.test", "c.ancestor.test"}),
                                 .ancestor_domains = {"ancestor.test"}};
  const auto o = ca.new_order(wish).value();
  demand(o.authorizations.size() == 1, "more than one authorization");
  demand(to_json(ca.get_order(o.url).value()).at("identifiers").at(0).at("ancestorDomain") == "ancestor.test",
         "not told which");
  demand(ca.get_authorization(o.authorizations.front()).value().identifier.value == "ancestor.test", "not of the ancestor");
  static_cast<void>(issue(ca, wish, fresh_key(), solver));
  done("order of names below an ancestor");
}

/// RFC 8739 sections 3.1.1, 3.1.2, 3.2 and 3.4.
void automatic_renewal(client& ca, by_hand& raw, web_root_solver& solver) {
  const auto limits = ca.directory().auto_renewal.value();
  const auto end = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) + limits.max_duration - 60s;
  const acme::auto_renewal renewal{.end_date = end, .lifetime = 2s, .allow_certificate_get = true};
  const auto names = names_of({"star.test"});
  const auto o = ca.new_order({.names = names, .auto_renewal = renewal}).value();
  demand(o.auto_renewal == renewal, "another renewal than was asked for");
  ca.authorize(o, solver).value();
  const auto key = fresh_key();
  const auto csr = x509::make_csr(key, names).value();
  demand_refused(raw.post(o.url, std::string{acme::cancel_payload}), "autoRenewalCancellationInvalid");
  const auto finished = raw.ask(o.finalize, acme::finalize_payload(csr), acme::to_order);
  demand(finished.status == "valid" && finished.certificate.empty(), "not an order that is renewed by itself");
  const auto first = x509::read_certificates(raw.post(finished.star_certificate, {}).value().body).value().front();
  demand(first.certifies(key.public_key()), "the certificate is of another key");
  std::this_thread::sleep_for(2s);
  const auto unsigned_get = http::curl{environment("CA_FILE")}.perform({.url = finished.star_certificate,
                                                                        .user_agent = "sealring-operations",
                                                                        .max_body = 1 << 20,
                                                                        .deadline = http::clock::now() + 30s});
  const auto second = x509::read_certificates(unsigned_get.value().body).value().front();
  demand(second.der() != first.der() && second.not_after() > first.not_after(), "the certificate is not a later one");
  demand_refused(ca.revoke(second.der()), "autoRenewalRevocationNotSupported");
  demand(raw.ask(o.url, std::string{acme::cancel_payload}, acme::to_order).status == "canceled", "not canceled");
  demand_refused(raw.post(finished.star_certificate, {}), "autoRenewalCanceled");
  done("automatic renewal, and its end");
}

/// Section 6.7.1.
void subproblems(client& ca) {
  const auto refused = ca.new_order(names_of({"*.one.test", "fine.test", "*.two.test"}));
  demand_refused(refused, "compound");
  const acme::problem p = refused.error().problem.value();
  demand(p.subproblems.size() == 2 && p.subproblems[1].identifier == "*.two.test", "not whose they are");
  demand(to_json(p) == p.source, "the problem is not written back as it was sent");
  done("a problem with subproblems");
}

/// Section 7.1.2.1.
void list_of_orders(client& ca) {
  const auto before = ca.list_orders().value().size();
  for (const std::string_view name : {"l1.test", "l2.test", "l3.test", "l4.test"}) ca.new_order(names_of({name})).value();
  demand(before >= 3 && ca.list_orders().value().size() == before + 4, "not all orders are listed");
  done("the list of orders, page by page");
}

/// Section 7.6.
void revocation_by_another(client& ca, web_root_solver& solver) {
  const auto issued = issue(ca, {.names = names_of({"stolen.test"})}, fresh_key(), solver);
  client owner = connect(fresh_key());
  static_cast<void>(registered(owner));
  demand_refused(owner.revoke(issued.chain.front().der()), "unauthorized");
  ca.authorize(ca.new_order(names_of({"stolen.test"})).value(), solver).value();
  owner.authorize(owner.new_order(names_of({"stolen.test"})).value(), solver).value();
  owner.revoke(issued.chain.front().der(), acme::revocation_reason::cessation_of_operation).value();
  done("revocation by another account that is authorized for the names");
}

/// Section 7.3.5. Pebble 2.10.0 says 200 here, and changes nothing.
void key_in_use(client& ca) {
  client other = connect(fresh_key());
  const auto another = registered(other);
  const auto refused = ca.change_key(other.account_key());
  demand(!refused && refused.error().location == another.url, "the account that is in the way is not told");
  done("rollover to a key that has an account");
}

/// Section 7.4.
void dates_by_files(client& ca, web_root_solver& solver) {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const acme::order_request wish{.names = names_of({"dated.test"}), .not_before = now - 1h, .not_after = now + 1h};
  const auto leaf = issue(ca, wish, fresh_key(), solver).chain.front();
  demand(leaf.not_before() == now - 1h && leaf.not_after() == now + 1h, "the dates are others");
  done("notBefore and notAfter");
}

void scripted() {
  client ca = connect(fresh_key());
  const auto account = registered(ca);
  by_hand raw{ca, account.url};
  web_root_solver solver;
  pre_authorization(ca, solver);
  subdomains(ca, raw, solver);
  dates_by_files(ca, solver);
  automatic_renewal(ca, raw, solver);
  subproblems(ca);
  list_of_orders(ca);
  revocation_of(ca, solver);
  revocation_by_another(ca, solver);
  key_in_use(ca);
}

}  // namespace

int main(int argc, char** argv) try {
  const std::string_view which = argc == 2 ? argv[1] : "";
  if (which == "pebble") pebble();
  else if (which == "scripted") scripted();
  else return std::cerr << "usage: operations pebble|scripted\n", 2;
} catch (const std::exception& e) {
  std::cerr << "operations: " << e.what() << '\n';
  return 1;
}

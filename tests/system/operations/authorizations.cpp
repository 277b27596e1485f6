// Authorizations: before an order, for more than a name, and given back.
#include "system/operations/operations.hpp"

namespace sealring::test {

namespace {

/// An authorization is met as the one of an order.
acme::order order_of(const acme::authorization& a) {
  acme::order o;
  o.authorizations = {a.url};
  return o;
}

}  // namespace

/// Sections 7.1.4, 7.5, 7.5.1 and 7.5.2.
void authorization_of(client& ca) {
  web_root_solver solver;
  const auto o = ca.new_order(names_of({"given-back.test"})).value();
  ca.authorize(o, solver).value();
  const auto valid = ca.get_authorization(o.authorizations.front()).value();
  demand(valid.status == "valid" && !valid.expires.empty(), "the authorization is not valid");
  demand(to_json(valid) == valid.source, "the authorization is not written back as it was sent");
  demand(ca.deactivate_authorization(valid.url).value().status == "deactivated", "the authorization is not given back");
  done("authorization deactivation");
}

/// Sections 7.4.1 and 8.3.
void pre_authorization(client& ca) {
  web_root_solver solver;
  const auto made = ca.new_authorization(names_of({"early.test"}).front()).value();
  ca.authorize(order_of(made), solver).value();
  demand(ca.new_order(names_of({"early.test"})).value().status == "ready", "the order asks for more");
  done("pre-authorization");
}

/// RFC 9444 sections 4.1, 4.2, 4.3 and 4.4.
void subdomains(client& ca, by_hand& raw) {
  web_root_solver solver;
  demand(ca.directory().subdomain_auth_allowed, "not offered");
  const auto domain = names_of({"parent.test"}).front();
  const auto made = raw.ask(ca.directory().new_authz, acme::new_authorization_payload(domain, true), acme::to_authorization);
  demand(made.subdomain_auth_allowed, "not for the names below");
  ca.authorize(order_of(made), solver).value();
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

}  // namespace sealring::test

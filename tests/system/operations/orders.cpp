// Orders: what they can ask for, and how they are found again.
#include "system/operations/operations.hpp"

#include <thread>

namespace sealring::test {

using namespace std::chrono_literals;

/// Sections 7.1.2.1, 7.1.3, 7.4, 7.4.2 and 8.4; RFC 9773 sections 3, 4.1, 4.2 and 5; draft-ietf-acme-profiles sections 3 and 4.
void orders_of(client& ca, const std::string& account_url) {
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
}

/// Section 7.4.
void dates_of(client& ca, std::string_view name) {
  web_root_solver solver;
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const acme::order_request wish{.names = names_of({name}), .not_before = now, .not_after = now + 48h};
  const auto leaf = issue(ca, wish, fresh_key(), solver).chain.front();
  demand(leaf.not_before() == now && leaf.not_after() == now + 48h, "the dates are others");
  done("notBefore and notAfter");
}

/// Section 7.1.2.1.
void list_of_orders(client& ca) {
  const auto before = ca.list_orders().value().size();
  for (const std::string_view name : {"l1.test", "l2.test", "l3.test", "l4.test"}) ca.new_order(names_of({name})).value();
  demand(before >= 3 && ca.list_orders().value().size() == before + 4, "not all orders are listed");
  done("the list of orders, page by page");
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

/// Sections 6.6 and 6.7.
void rate_limit(client& ca) {
  const std::string portal = "https://portal.test/unpause";
  tell(environment("MGMT") + "/rate-limit", {{"kind", "newOrder"}, {"count", 1}, {"retryAfter", 60}, {"url", portal}});
  const auto refused = ca.new_order(names_of({"limited.test"}));
  demand_refused(refused, "rateLimited");
  demand(refused.error().code == condition::retry_later && refused.error().retry_after == 60s, "not when to come back");
  demand(acme::portal_url(*refused.error().problem) == portal, "not where to go");
  ca.new_order(names_of({"limited.test"})).value();
  done("a rate limit");
}

/// RFC 8739 sections 3.1.1, 3.1.2, 3.2 and 3.4.
void automatic_renewal(client& ca, by_hand& raw) {
  web_root_solver solver;
  const auto limits = ca.directory().auto_renewal.value();
  const auto end = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) + limits.max_duration - 60s;
  const acme::auto_renewal renewal{.end_date = end, .lifetime = 2s, .allow_certificate_get = true};
  const auto names = names_of({"star.test"});
  const auto o = ca.new_order({.names = names, .auto_renewal = renewal}).value();
  demand(o.auto_renewal == renewal, "another renewal than was asked for");
  ca.authorize(o, solver).value();
  demand_refused(ca.cancel_order(o.url), "autoRenewalCancellationInvalid");
  const auto key = fresh_key();
  const auto finished = ca.finalize(o, x509::make_csr(key, names).value()).value();
  demand(finished.status == "valid" && finished.certificate.empty(), "not an order that is renewed by itself");
  const auto first = ca.download(finished, key.public_key()).value().chain.front();
  std::this_thread::sleep_for(2s);
  const auto unsigned_get = http::curl{environment("CA_FILE")}.perform({.url = finished.star_certificate,
                                                                        .user_agent = "sealring-operations",
                                                                        .max_body = 1 << 20,
                                                                        .deadline = http::clock::now() + 30s});
  const auto second = x509::read_certificates(unsigned_get.value().body).value().front();
  demand(second.der() != first.der() && second.not_after() > first.not_after(), "the certificate is not a later one");
  demand_refused(ca.revoke(second.der()), "autoRenewalRevocationNotSupported");
  demand(ca.cancel_order(o.url).value().status == "canceled", "not canceled");
  demand_refused(raw.post(finished.star_certificate, {}), "autoRenewalCanceled");
  done("automatic renewal, and its end");
}

}  // namespace sealring::test

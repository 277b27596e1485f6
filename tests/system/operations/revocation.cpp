// Revocation, by all who may, and seen from outside.
#include "sealring/acme/revocation_status.hpp"
#include "system/operations/operations.hpp"

namespace sealring::test {

/// Section 7.6.
void revocation_of(client& ca) {
  web_root_solver solver;
  const auto key = fresh_key();
  const auto one = issue(ca, {.names = names_of({"revoked.test"})}, key, solver);
  ca.revoke(one.chain.front().der(), acme::revocation_reason::superseded).value();
  done("revocation by the account");
  const auto other = issue(ca, {.names = names_of({"revoked.test"})}, key, solver);
  ca.revoke_with(key, other.chain.front().der(), acme::revocation_reason::key_compromise).value();
  done("revocation by the certificate's key");
}

/// Section 7.6.
void revocation_by_another(client& ca) {
  web_root_solver solver;
  const auto issued = issue(ca, {.names = names_of({"stolen.test"})}, fresh_key(), solver);
  client owner = connect(fresh_key());
  static_cast<void>(registered(owner));
  demand_refused(owner.revoke(issued.chain.front().der()), "unauthorized");
  owner.authorize(owner.new_order(names_of({"stolen.test"})).value(), solver).value();
  owner.revoke(issued.chain.front().der(), acme::revocation_reason::cessation_of_operation).value();
  done("revocation by another account that is authorized for the names");
}

/// RFC 5280 section 5: the CRL that one's own certificate names.
void revocation_lists(client& ca) {
  using enum acme::revocation_status::verdict;
  web_root_solver solver;
  http::curl http{environment("CA_FILE")};
  const auto chain = issue(ca, {.names = names_of({"listed.test"})}, fresh_key(), solver).chain;
  const auto look = [&] {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    return acme::check_revocation(http, chain.at(0), chain.at(1), now);
  };
  const auto before = look();
  demand(before.is == good, "not good: " + before.why);
  ca.revoke(chain.front().der(), acme::revocation_reason::superseded).value();
  const auto after = look();
  demand(after.is == revoked, "not revoked: " + after.why);
  demand(after.revocation.reason == static_cast<std::uint8_t>(acme::revocation_reason::superseded), "for another reason");
  done("the CRL of one's own certificate, before and after its revocation");
}

}  // namespace sealring::test

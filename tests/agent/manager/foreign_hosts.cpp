#include "agent/manager/foreign_hosts.hpp"

#include "catch.hpp"

using namespace sealring;
using namespace sealring::agent;

namespace {

acme::directory at(const std::string& host, const std::string& account_host) {
  acme::directory d{};
  d.new_nonce = "https://anywhere.test/nonce";  // no request there is signed
  d.new_account = account_host + "/account";
  d.new_order = host + "/order";
  d.revoke_cert = host + "/revoke";
  return d;
}

}  // namespace

TEST_CASE("a CA's further hosts are the operator's to allow, and he is told how", "[foreign_hosts]") {
  config c;
  c.file = "/etc/sealring/sealring.toml";
  c.ca.directory = "https://CA.test:443/dir";
  CHECK(check_hosts(c, at("https://ca.test", "https://ca.test")).has_value());

  const auto elsewhere = at("https://eu.ca.test", "https://id.ca.test");
  const auto refused = check_hosts(c, elsewhere);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == condition::operator_needed);
  CHECK_THAT(refused.error().what,
             Catch::Contains("wants its requests at https://id.ca.test, https://eu.ca.test;") &&
                 Catch::Contains("set origins = [\"https://id.ca.test\", \"https://eu.ca.test\"] under [ca] in /etc/sealring"));

  c.ca.origins = {"https://eu.ca.test"};
  CHECK_THAT(check_hosts(c, elsewhere).error().what,
             Catch::Contains("set origins = [\"https://eu.ca.test\", \"https://id.ca.test\"]"));
  c.ca.origins.emplace_back("https://id.ca.test");
  CHECK(check_hosts(c, elsewhere).has_value());
  CHECK_FALSE(check_hosts(c, at("http://eu.ca.test", "https://ca.test")).has_value());
}

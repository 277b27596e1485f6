#include "agent/manager/ca_origins.hpp"

#include "catch.hpp"

using namespace sealring;
using namespace sealring::agent;

namespace {

acme::directory at(const std::string& host, const std::string& account_host) {
  acme::directory d{};
  d.new_nonce = host + "/nonce";
  d.new_account = account_host + "/account";
  d.new_order = host + "/order";
  d.revoke_cert = host + "/revoke";
  return d;
}

}  // namespace

TEST_CASE("a CA's further origins are the operator's to allow, and he is told how", "[ca_origins]") {
  config c;
  c.file = "/etc/sealring/sealring.toml";
  c.ca.directory = "https://CA.test:443/dir";
  CHECK(check(origins_of(at("https://ca.test", "https://ca.test"), c.ca).value(), c.ca, c.file).has_value());

  const auto elsewhere = at("https://eu.ca.test", "https://id.ca.test");
  auto found = origins_of(elsewhere, c.ca).value();
  REQUIRE(found.foreign.size() == 2);
  CHECK(found.foreign[0].resources == std::vector<std::string>{"newNonce", "newOrder", "revokeCert"});
  CHECK(found.line == R"(origins = ["https://eu.ca.test", "https://id.ca.test"])");
  const auto refused = check(found, c.ca, c.file);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == condition::operator_needed);
  CHECK_THAT(refused.error().what, Catch::Contains("https://id.ca.test (newAccount)") &&
                                       Catch::Contains("under [ca] in /etc/sealring/sealring.toml: " + found.line));

  c.ca.origins = {"https://id.ca.test"};
  found = origins_of(elsewhere, c.ca).value();
  CHECK(found.line == R"(origins = ["https://id.ca.test", "https://eu.ca.test"])");
  CHECK_FALSE(check(found, c.ca, c.file).has_value());
  c.ca.origins.emplace_back("https://eu.ca.test");
  CHECK(check(origins_of(elsewhere, c.ca).value(), c.ca, c.file).has_value());
  CHECK_FALSE(origins_of(at("http://eu.ca.test", "https://ca.test"), c.ca).has_value());
}

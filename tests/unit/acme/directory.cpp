#include "sealring/acme/directory.hpp"

#include "unit/acme/scripted_ca.hpp"

namespace sealring::test {

TEST_CASE("directory: the example of RFC 8555 section 7.1.1, read and written back", "[directory]") {
  const std::string sent = R"({
  "newNonce": "https://example.com/acme/new-nonce",
  "newAccount": "https://example.com/acme/new-account",
  "newOrder": "https://example.com/acme/new-order",
  "newAuthz": "https://example.com/acme/new-authz",
  "revokeCert": "https://example.com/acme/revoke-cert",
  "keyChange": "https://example.com/acme/key-change",
  "meta": {
    "termsOfService": "https://example.com/acme/terms/2017-5-30",
    "website": "https://www.example.com/",
    "caaIdentities": ["example.com"],
    "externalAccountRequired": false
  }
})";
  const auto object = acme::parse_object(sent).value();
  acme::directory d = must(acme::to_directory(object));
  CHECK(d.new_authz == "https://example.com/acme/new-authz");
  CHECK(d.website == "https://www.example.com/");
  CHECK(d.caa_identities == std::vector<std::string>{"example.com"});
  CHECK_FALSE(d.external_account_required);
  CHECK(acme::json::serialize(to_json(d)) == acme::json::serialize(object));
  d.new_authz.clear();
  d.external_account_required = true;
  d.profiles = {{"tlsserver", "ninety days"}};
  const auto changed = to_json(d);
  CHECK_FALSE(changed.contains("newAuthz"));
  CHECK(acme::json::serialize(changed.at("meta").at("profiles")) == R"({"tlsserver":"ninety days"})");
  CHECK(changed.at("meta").at("externalAccountRequired") == true);
}

TEST_CASE("directory: what other documents add to it, and what nobody has heard of", "[directory]") {
  const std::string sent =
      R"({"newNonce":"https://ca/n","newAccount":"https://ca/a","newOrder":"https://ca/o","renewalInfo":"https://ca/ari",)"
      R"("Sh_vtcVOyXw":"https://ca/random","meta":{"profiles":{"classic":"as ever","odd":7},"subdomainAuthAllowed":true,)"
      R"("auto-renewal":{"min-lifetime":86400,"max-duration":31536000,"allow-certificate-get":true,"more":1},)"
      R"("issuerDomainNames":["ca.example"],"accountHashPrefix":"https://ca/hash/","x":null}})";
  acme::directory d = must(acme::to_directory(acme::parse_object(sent).value()));
  CHECK(d.renewal_info == "https://ca/ari");
  CHECK(d.profiles == std::vector<acme::profile>{{"classic", "as ever"}, {"odd", ""}});
  CHECK(d.subdomain_auth_allowed);
  REQUIRE(d.auto_renewal);
  CHECK(*d.auto_renewal == acme::auto_renewal_limits{std::chrono::days{1}, std::chrono::days{365}, true});
  CHECK(d.issuer_domain_names == std::vector<std::string>{"ca.example"});
  CHECK(d.account_hash_prefix == "https://ca/hash/");
  CHECK(acme::json::serialize(to_json(d)) == sent);
  d.auto_renewal->max_duration = std::chrono::days{1};
  d.profiles.front() = {"short", "a week"};
  CHECK(d.has_profile("short"));
  CHECK_FALSE(d.has_profile("classic"));
  const auto changed = to_json(d).at("meta");
  CHECK(changed.at("profiles") == acme::json::parse(R"({"odd":7,"short":"a week"})"));
  CHECK(changed.at("auto-renewal") ==
        acme::json::parse(R"({"min-lifetime":86400,"max-duration":86400,"allow-certificate-get":true,"more":1})"));
  d.auto_renewal.reset();
  d.profiles.clear();
  CHECK(
      to_json(d).at("meta") ==
      acme::json::parse(
          R"({"subdomainAuthAllowed":true,"issuerDomainNames":["ca.example"],"accountHashPrefix":"https://ca/hash/","x":null})"));
}

TEST_CASE("directory: one that lacks what issuance needs is none", "[directory]") {
  for (const char* text : {"{}", R"({"newNonce":"https://ca/n","newAccount":"https://ca/a"})",
                           R"({"newNonce":"https://ca/n","newAccount":"https://ca/a","newOrder":["https://ca/o"]})"})
    CHECK(refusal(acme::to_directory(acme::parse_object(text).value())) == sealring::errc::bad_json);
  const auto bare = must(acme::to_directory(
      acme::parse_object(R"({"newNonce":"https://ca/n","newAccount":"https://ca/a","newOrder":"https://ca/o","meta":[]})")
          .value()));
  CHECK(acme::json::serialize(to_json(bare)) ==
        R"({"newNonce":"https://ca/n","newAccount":"https://ca/a","newOrder":"https://ca/o","meta":[]})");
}

}  // namespace sealring::test

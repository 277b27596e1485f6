#include "sealring/acme/authorization.hpp"

#include "unit/acme/scripted_ca.hpp"

namespace sealring::test {

TEST_CASE("authorization: the example of RFC 8555 section 7.1.4, read and written back", "[authorization]") {
  const std::string sent = R"({
  "status": "valid",
  "expires": "2015-03-01T14:09:07.99Z",

  "identifier": {
    "type": "dns",
    "value": "www.example.org"
  },

  "challenges": [
    {
      "url": "https://example.com/acme/chall/prV_B7yEyA4",
      "type": "http-01",
      "status": "valid",
      "token": "DGyRejmCefe7v4NfDGDKfA",
      "validated": "2014-12-01T12:05:58.16Z"
    }
  ],

  "wildcard": false
})";
  const auto object = acme::parse_object(sent).value();
  acme::authorization a = acme::to_authorization(object, "https://example.com/acme/authz/PAniVnsZcis");
  CHECK(a.identifier == must(parse_identifier("www.example.org")));
  CHECK(a.expires == "2015-03-01T14:09:07.99Z");
  CHECK(a.challenges.at(0).validated == "2014-12-01T12:05:58.16Z");
  CHECK(acme::json::serialize(to_json(a)) == acme::json::serialize(object));
  a.identifier = must(parse_identifier("192.0.2.1"));
  a.challenges[0].status = "processing";
  a.wildcard = true;
  const auto changed = to_json(a);
  CHECK(acme::json::serialize(changed.at("identifier")) == R"({"type":"ip","value":"192.0.2.1"})");
  CHECK(changed.at("challenges").at(0).at("status") == "processing");
  CHECK(changed.at("challenges").at(0).at("token") == "DGyRejmCefe7v4NfDGDKfA");
  CHECK(changed.at("wildcard") == true);
}

TEST_CASE("authorization: of a domain and all below it (RFC 9444 section 4.1), with what nobody has heard of",
          "[authorization]") {
  const std::string sent =
      R"({"status":"valid","identifier":{"type":"dns","value":"example.org","note":1},"challenges":[{"type":"new-01"},"odd"],)"
      R"("subdomainAuthAllowed":true,"basis":{"x":[]}})";
  const acme::authorization a = acme::to_authorization(acme::parse_object(sent).value(), {});
  CHECK(a.subdomain_auth_allowed);
  CHECK(a.challenges.size() == 1);
  CHECK(acme::json::serialize(to_json(a)) == sent);
}

TEST_CASE("authorization: a challenge is found that has what a response needs", "[authorization]") {
  const acme::authorization a = acme::to_authorization(acme::parse_object(R"({"challenges":[
      {"type":"http-01","url":"https://ca/1"}, {"type":"http-01","token":"t"}, {"type":"http-01","url":"https://ca/2","token":"t"},
      {"type":"dns-01","url":"https://ca/3"}, {"type":"tls-alpn-01","url":"https://ca/5","token":"../t"}, {"type":"dns-persist-01"},
      {"type":"dns-persist-01","url":"https://ca/4","issuer-domain-names":["ca.example"]}]})")
                                                           .value(),
                                                       {});
  REQUIRE(a.find(acme::http01));
  CHECK(a.find(acme::http01)->url == "https://ca/2");
  CHECK_FALSE(a.find(acme::dns01));
  CHECK_FALSE(a.find(acme::tls_alpn01));
  REQUIRE(a.find(acme::dns_persist01));
  CHECK(a.find(acme::dns_persist01)->url == "https://ca/4");
}

TEST_CASE("authorization: a name of a type that is neither dns nor ip keeps its type", "[authorization]") {
  const std::string sent = R"({"type":"permanent-identifier","value":"example.org"})";
  const identifier id = acme::to_identifier(acme::parse_object(sent).value());
  CHECK(id.kind == identifier::type::other);
  CHECK(id.other_type == "permanent-identifier");
  CHECK(id != must(parse_identifier("example.org")));
  CHECK_FALSE(id.wildcard());
  CHECK(acme::json::serialize(acme::to_json(id)) == sent);
  CHECK(acme::to_identifier(acme::parse_object(R"({"value":"example.org"})").value()).kind == identifier::type::other);
}

TEST_CASE("authorization: asked for before any order, for names below it as well", "[authorization]") {
  const identifier name = must(parse_identifier("example.org"));
  CHECK(acme::new_authorization_payload(name) == R"({"identifier":{"type":"dns","value":"example.org"}})");
  // RFC 9444 section 4.2
  CHECK(acme::new_authorization_payload(name, true) ==
        R"({"identifier":{"type":"dns","value":"example.org","subdomainAuthAllowed":true}})");
}

}  // namespace sealring::test

#include "sealring/acme/challenge.hpp"

#include "unit/acme/scripted_ca.hpp"

namespace sealring::test {

namespace {

// RFC 8555 section 8.3
const std::string key_authorization =
    acme::key_authorization("LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0", "9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI");

}  // namespace

TEST_CASE("challenge: dns-01 shows the hash of the key authorization", "[challenge]") {
  // printf %s KEY-AUTHORIZATION | openssl dgst -sha256 -binary | basenc --base64url
  CHECK(must(acme::dns01_value(key_authorization)) == "LPsIwTo7o8BoG0-vjCyGQGBWSVIPxI-i_X336eUOQZo");
  CHECK(acme::dns01_name("www.example.org") == "_acme-challenge.www.example.org");
}

TEST_CASE("challenge: without a token that is one, no key is authorized", "[challenge]") {
  CHECK(acme::key_authorization("", "9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI").empty());
  CHECK(acme::key_authorization("../token", "9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI").empty());
}

TEST_CASE("challenge: the example of draft-ietf-acme-dns-account-label section 3.2", "[challenge]") {
  CHECK(must(acme::dns_account01_name("https://example.com/acme/acct/ExampleAccount", "www.example.org")) ==
        "_ujmmovf2vn55tgye._acme-challenge.www.example.org");
}

TEST_CASE("challenge: tls-alpn-01 shows the same hash, bare", "[challenge]") {
  const auto digest = must(acme::tls_alpn01_digest(key_authorization));
  CHECK(base64url_encode(digest) == must(acme::dns01_value(key_authorization)));
}

TEST_CASE("challenge: base32 has the alphabet and the order of RFC 4648 section 10", "[challenge]") {
  CHECK(acme::detail::base32(as_bytes("fooba")) == "mzxw6ytb");
  CHECK(acme::detail::base32(unhex("00443214c74254b635cf84653a56d7c675be77df")) == "abcdefghijklmnopqrstuvwxyz234567");
}

TEST_CASE("challenge: what a server sent is written back, and what it says is read", "[challenge]") {
  // RFC 8555 section 7.1.4, with a member that nobody knows
  const std::string sent =
      R"({"url":"https://example.com/acme/chall/prV_B7yEyA4","type":"http-01","status":"valid","token":"DGyRejmCefe7v4NfDGDKfA",)"
      R"("validated":"2014-12-01T12:05:58.16Z","weight":[1,2]})";
  acme::challenge c = acme::to_challenge(acme::parse_object(sent).value());
  CHECK(c.validated == "2014-12-01T12:05:58.16Z");
  CHECK(acme::json::serialize(to_json(c)) == sent);
  c.status = "invalid";
  c.validated.clear();
  c.error = acme::problem{"urn:ietf:params:acme:error:dns", "no such name", 0, {}, {}};
  CHECK(
      to_json(c) ==
      acme::parse_object(
          R"({"url":"https://example.com/acme/chall/prV_B7yEyA4","type":"http-01","status":"invalid","token":"DGyRejmCefe7v4NfDGDKfA",)"
          R"("weight":[1,2],"error":{"type":"urn:ietf:params:acme:error:dns","detail":"no such name"}})")
          .value());
}

TEST_CASE("challenge: dns-persist-01 in either spelling", "[challenge]") {
  for (const std::string member : {"issuer-domain-names", "issuerDomainNames"}) {
    const std::string sent = R"({"type":"dns-persist-01","url":"https://ca.example/acme/authz/1234/0","status":"pending",")" +
                             member + R"(":["authority.example","ca.example.net"]})";
    acme::challenge c = acme::to_challenge(acme::parse_object(sent).value());
    CHECK(c.issuer_domain_names == std::vector<std::string>{"authority.example", "ca.example.net"});
    CHECK(acme::json::serialize(to_json(c)) == sent);
    c.issuer_domain_names.pop_back();
    CHECK(acme::texts(to_json(c), member) == std::vector<std::string>{"authority.example"});
  }
}

TEST_CASE("challenge: an attestation is sent as base64url", "[challenge]") {
  CHECK(acme::device_attest_payload(unhex("a0ff")) == R"({"attObj":"oP8"})");
}

}  // namespace sealring::test

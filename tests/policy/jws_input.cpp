#include "agent/keeper/policy/jws_input.hpp"

#include "agent/keeper/policy/jwk.hpp"
#include "policy/outcome.hpp"
#include "sealring/base64url.hpp"
#include "sealring/jose/jws.hpp"
#include "unit/support.hpp"

namespace sealring::test {
namespace {

using namespace agent::policy;

bool reads(const std::string& header, const std::string& payload = "") {
  return parse_jws_input(as_bytes(jose::signing_input(header, payload))).has_value();
}

}  // namespace

TEST_CASE("jws_input: what our own writer makes", "[jws_input]") {
  for_each_algorithm([](auto a) {
    const auto& key = key_of<decltype(a)>();
    const jose::with_jwk<software_key<decltype(a)>> who{key};
    const std::string input = jose::signing_input(who, jose::acme_header{"n-_1", "https://ca/x"}, R"({"a":"b"})");
    const auto jws = parse_jws_input(as_bytes(input));
    REQUIRE(jws);
    CHECK(jws->header.alg == jose::name(a.id));
    CHECK(jws->header.nonce == "n-_1");
    CHECK(jws->header.url == "https://ca/x");
    CHECK(jws->payload == R"({"a":"b"})");
    REQUIRE(jws->header.jwk() != nullptr);
    CHECK(is_jwk_of(*jws->header.jwk(), key.public_key()));
    CHECK_FALSE(is_jwk_of(*jws->header.jwk(), must(software_key<eddsa>::generate()).public_key()));
    CHECK(thumbprint_of(*jws->header.jwk()).value() == must(jose::thumbprint(key.public_key())));
  });
}

TEST_CASE("jws_input: exactly the members of RFC 8555", "[jws_input]") {
  CHECK(reads(R"({"alg":"ES256","nonce":"a","url":"u","kid":"k"})"));
  CHECK(reads(R"( {"kid":"k", "url":"u","nonce":"a","alg":"ES256"} )"));
  CHECK(reads(R"({"alg":"ES256","url":"u","jwk":{}})"));  // the inner JWS of keyChange
  for (const char* bad :
       {R"({})", R"({"alg":"ES256","nonce":"a","url":"u"})", R"({"alg":"ES256","nonce":"a","url":"u","kid":"k","jwk":{}})",
        R"({"alg":"ES256","nonce":"a","url":"u","kid":"k","crit":[]})",
        R"({"alg":"ES256","nonce":"a","url":"u","kid":"k","b64":false})", R"({"alg":1,"nonce":"a","url":"u","kid":"k"})",
        R"({"alg":"ES256","nonce":1,"url":"u","kid":"k"})", R"({"alg":"ES256","nonce":"","url":"u","kid":"k"})",
        R"({"alg":"ES256","nonce":"a=","url":"u","kid":"k"})", R"({"alg":"ES256","nonce":"a","url":["u"],"kid":"k"})",
        R"({"alg":"ES256","nonce":"a","url":"u","kid":null})", R"({"alg":"ES256","nonce":"a","url":"u","jwk":"k"})",
        R"({"nonce":"a","url":"u","kid":"k"})", R"({"alg":"ES256","nonce":"a","kid":"k"})",
        R"({"alg":"ES256","alg":"none","nonce":"a","url":"u","kid":"k"})",
        R"({"alg":"ES256","nonce":"a","url":"u","kid":"k","Kid":"l"})", R"(["alg"])", ""}) {
    INFO(bad);
    CHECK_FALSE(reads(bad));
  }
}

TEST_CASE("jws_input: one spelling in base64url", "[jws_input]") {
  const std::string header = base64url_encode(R"({"alg":"ES256","nonce":"a","url":"u","kid":"k"})");
  const auto good = [](const std::string& text) { return parse_jws_input(as_bytes(text)).has_value(); };
  CHECK(good(header + "."));
  CHECK(good(header + ".e30"));
  for (const std::string& bad : {header, header + "..", header + ".e30.", "." + header, header + ".e31", header + ".e30=",
                                 header + ".e3", header + ".e30\n", header + "=.e30", ' ' + header + ".e30", header + ".+/8"}) {
    INFO(bad);
    CHECK_FALSE(good(bad));
  }
}

TEST_CASE("jws_input: a JWK has its members and no other", "[jws_input]") {
  const auto& key = key_of<es256>().public_key();
  const auto jwk = [](std::string_view text) { return parse_strict_object(text).value(); };
  const std::string own = jose::to_jwk(key);
  CHECK(is_jwk_of(jwk(own), key));
  CHECK_FALSE(is_jwk_of(jwk(R"({"kid":"x",)" + own.substr(1)), key));
  CHECK_FALSE(thumbprint_of(jwk(R"({"kid":"x",)" + own.substr(1))));
  CHECK_FALSE(thumbprint_of(jwk(R"({"kty":"EC","crv":"P-256","x":"a"})")));
  CHECK_FALSE(thumbprint_of(jwk(R"({"kty":"OKP","crv":"Ed25519","d":"a"})")));
  CHECK_FALSE(thumbprint_of(jwk(R"({"kty":"OKP","crv":"Ed25519","x":1})")));
  CHECK_FALSE(thumbprint_of(jwk(R"({"kty":"oct","k":"a"})")));
  CHECK_FALSE(thumbprint_of(jwk("{}")));
}

}  // namespace sealring::test

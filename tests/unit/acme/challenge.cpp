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

}  // namespace sealring::test

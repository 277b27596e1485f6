#include "sealring/jose/jwk.hpp"
#include "unit/support.hpp"
#include "vectors/reading.hpp"

namespace sealring::test {

TEST_CASE("jwk: the thumbprint of RFC 7638 section 3.1", "[jose/jwk]") {
  const auto vector = read_json(SEALRING_VECTORS "/rfc7638_3.1.json");
  const auto key = public_key(vector.at("key").as_object());
  CHECK(jose::to_jwk(key) == R"({"e":"AQAB","kty":"RSA","n":")" + text(vector.at("key").as_object(), "n") + "\"}");
  CHECK(must(jose::thumbprint(key)) == text(vector, "thumbprint"));
}

TEST_CASE("jwk: the thumbprint of RFC 8037 appendix A.3", "[jose/jwk]") {
  const auto vector = read_json(SEALRING_VECTORS "/rfc8037_A.3.json");
  const auto key = public_key(vector.at("key").as_object());
  CHECK(jose::to_jwk(key) == R"({"crv":"Ed25519","kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})");
  CHECK(must(jose::thumbprint(key)) == text(vector, "thumbprint"));
}

TEST_CASE("jwk: what is written reads back as the same key", "[jose/jwk]") {
  for_each_algorithm([](auto a) {
    const any_public_key key = key_of<decltype(a)>().public_key();
    CHECK(public_key(json::parse(jose::to_jwk(key)).as_object()) == key);
  });
}

// RFC 7518 section 6.2.1.2: "The length of this octet string MUST be the full size of a coordinate for the curve"
TEST_CASE("jwk: coordinates are padded to the full size", "[jose/jwk]") {
  ec_public_key<p521> key;
  key.y.back() = 1;
  CHECK(jose::to_jwk(key) ==
        R"({"crv":"P-521","kty":"EC","x":")" + std::string(88, 'A') + R"(","y":")" + std::string(86, 'A') + "AB\"}");
}

}  // namespace sealring::test

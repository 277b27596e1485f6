#include "sealring/jose/read_jwk_set.hpp"
#include "unit/support.hpp"
#include "vectors/reading.hpp"

namespace sealring::test {
namespace {

std::string of_rfc7517(const char* appendix) {
  return json::serialize(read_json(SEALRING_VECTORS "/rfc7517_A.json").at(appendix));
}

}  // namespace

TEST_CASE("read_jwk_set: the public keys of RFC 7517 appendix A.1", "[jose/read_jwk_set]") {
  const auto set = must(jose::read_jwk_set(of_rfc7517("A.1")));
  REQUIRE(set.keys.size() == 2);
  CHECK(kind_of(set.keys[0].key) == "p256");
  CHECK(set.keys[0].use == "enc");
  CHECK(kind_of(set.keys[1].key) == "rsa2048");
  REQUIRE(set.find("2011-04-29") == &set.keys[1]);
  CHECK(set.find("1") == &set.keys[0]);
  CHECK(set.find("2") == nullptr);
}

TEST_CASE("read_jwk_set: the private keys of appendix A.2 and the symmetric ones of A.3 are no public set",
          "[jose/read_jwk_set]") {
  CHECK(refusal(jose::read_jwk_set(of_rfc7517("A.2"))) == errc::secret_in_jwk);
  CHECK(refusal(jose::read_jwk_set(of_rfc7517("A.3"))) == errc::secret_in_jwk);
}

TEST_CASE("read_jwk_set: keys that cannot be read are passed over (RFC 7517 section 5)", "[jose/read_jwk_set]") {
  const std::string own = jose::to_jwk(key_of<eddsa>().public_key());
  const auto set =
      must(jose::read_jwk_set(R"({"keys":[{"kty":"AKP","alg":"ML-DSA-44","pub":"AA"},{"kty":"EC"},{},)" + own + "]}"));
  REQUIRE(set.keys.size() == 1);
  CHECK(set.keys[0].key == any_public_key{key_of<eddsa>().public_key()});
  CHECK(must(jose::read_jwk_set(R"({"keys":[]})")).keys.empty());
}

TEST_CASE("read_jwk_set: of two keys with one name neither is meant", "[jose/read_jwk_set]") {
  jose::jwk_set set;
  set.keys.push_back({{.kid = "a"}, key_of<eddsa>().public_key()});
  set.keys.push_back({{.kid = "a"}, key_of<es256>().public_key()});
  set.keys.push_back({{}, key_of<es256>().public_key()});
  CHECK(set.find("a") == nullptr);
  CHECK(set.find("") == nullptr);
}

TEST_CASE("read_jwk_set: what is no set", "[jose/read_jwk_set]") {
  for (const char* bad : {"[]", "{}", R"({"keys":{}})", R"({"keys":[1]})", R"({"keys":[],"keys":[]})"})
    CHECK(refusal(jose::read_jwk_set(bad)) == errc::bad_json);
}

TEST_CASE("read_jwk_set: a set survives a round trip, with members that nobody here knows", "[jose/read_jwk_set]") {
  const std::string text = R"({"keys":[)" + jose::to_jwk(key_of<eddsa>().public_key()) + ',' +
                           jose::to_jwk(key_of<es256>().public_key()) + R"(],"next":{"a":[1]}})";
  CHECK(jose::to_jwk_set(must(jose::read_jwk_set(text))) == text);
  CHECK(jose::to_jwk_set({}) == R"({"keys":[]})");
}

}  // namespace sealring::test

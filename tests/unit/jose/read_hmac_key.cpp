#include "sealring/jose/read_hmac_key.hpp"
#include "unit/support.hpp"
#include "vectors/reading.hpp"

namespace sealring::test {

TEST_CASE("read_hmac_key: the second key of RFC 7517 appendix A.3, and not the first, which wraps keys",
          "[jose/read_hmac_key]") {
  const auto file = read_json(SEALRING_VECTORS "/rfc7517_A.json");
  const auto& keys = file.at("A.3").at("keys").as_array();
  CHECK(refusal(jose::read_hmac_key(json::serialize(keys.at(0)))) == errc::unsupported_algorithm);
  const auto key = must(jose::read_hmac_key(json::serialize(keys.at(1))));
  CHECK(key.kid == "HMAC key used in JWS spec Appendix A.1 example");
  CHECK(key.algorithm == jose::hmac_algorithm::hs256);
  const auto vector = read_json(SEALRING_VECTORS "/rfc7515_A.1.json");
  CHECK(good(key.check(as_bytes(text(vector, "protected") + '.' + text(vector, "payload")), octets(vector, "signature"))));
}

TEST_CASE("read_hmac_key: a secret must be as long as the hash (RFC 7518 section 3.2)", "[jose/read_hmac_key]") {
  for (const auto& [alg, size] : {std::pair{"HS256", 32U}, {"HS384", 48U}, {"HS512", 64U}}) {
    const auto of_size = [name = std::string{alg}](std::size_t n) {
      return jose::read_hmac_key(R"({"kty":"oct","alg":")" + name + R"(","k":")" + base64url_encode(bytes(n)) + "\"}");
    };
    CHECK(must(of_size(size)).size() == size);
    CHECK(refusal(of_size(size - 1)) == errc::bad_length);
    CHECK(refusal(of_size(0)) == errc::bad_length);
  }
}

TEST_CASE("read_hmac_key: what is no secret for signatures", "[jose/read_hmac_key]") {
  const std::string k = R"("k":")" + base64url_encode(bytes(32)) + '"';
  CHECK(good(jose::read_hmac_key(R"({"kty":"oct","use":"sig",)" + k + "}")));
  CHECK(refusal(jose::read_hmac_key(R"({"kty":"oct","use":"enc",)" + k + "}")) == errc::wrong_key_type);
  CHECK(refusal(jose::read_hmac_key(R"({"kty":"oct","key_ops":["encrypt"],)" + k + "}")) == errc::wrong_key_type);
  CHECK(refusal(jose::read_hmac_key(R"({"kty":"EC",)" + k + "}")) == errc::unsupported_key);
  CHECK(refusal(jose::read_hmac_key(R"({"kty":"oct"})")) == errc::bad_json);
  CHECK(refusal(jose::read_hmac_key(R"({"kty":"oct","kid":1,)" + k + "}")) == errc::bad_json);
  CHECK(refusal(jose::read_hmac_key(R"({)" + k + "}")) == errc::bad_json);
  CHECK(refusal(jose::read_hmac_key(R"({"kty":"oct","k":"="})")) == errc::bad_base64url);
  CHECK(refusal(jose::read_hmac_key("x")) == errc::bad_json);
}

}  // namespace sealring::test

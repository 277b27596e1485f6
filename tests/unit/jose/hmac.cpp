#include "sealring/jose/hmac.hpp"
#include "unit/support.hpp"
#include "vectors/reading.hpp"

namespace sealring::test {
namespace {

jose::hmac_key oct_key(const json::object& jwk) {
  return {"kid-1", must(base64url_decode<secret_bytes>(text(jwk, "k"))), jose::hmac_algorithm::hs256};
}

}  // namespace

TEST_CASE("hmac: the MAC of RFC 7515 appendix A.1", "[jose/hmac]") {
  const auto vector = read_json(SEALRING_VECTORS "/rfc7515_A.1.json");
  const auto key = oct_key(vector.at("key").as_object());
  const std::string input = text(vector, "protected") + '.' + text(vector, "payload");
  CHECK(base64url_encode(must(key.sign(as_bytes(input)))) == text(vector, "signature"));
}

TEST_CASE("hmac: test case 2 of RFC 4231, in all three sizes", "[jose/hmac]") {
  const auto mac = [](jose::hmac_algorithm algorithm) {
    const std::string_view key = "Jefe";
    return must(jose::hmac_key{"k", {key.begin(), key.end()}, algorithm}.sign(as_bytes("what do ya want for nothing?")));
  };
  CHECK(mac(jose::hmac_algorithm::hs256) == unhex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
  CHECK(mac(jose::hmac_algorithm::hs384) == unhex("af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
                                                  "8e2240ca5e69e2c78b3239ecfab21649"));
  CHECK(mac(jose::hmac_algorithm::hs512) == unhex("164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
                                                  "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"));
}

TEST_CASE("hmac: a MAC is checked whole, and by a secret that is long enough", "[jose/hmac]") {
  const jose::hmac_key key{"k", secret_bytes(32, 1), jose::hmac_algorithm::hs256};
  bytes mac = must(key.sign(as_bytes("m")));
  CHECK(mac.size() == key.size());
  CHECK(good(key.check(as_bytes("m"), mac)));
  CHECK(refusal(key.check(as_bytes("n"), mac)) == errc::bad_signature);
  CHECK(refusal(key.check(as_bytes("m"), bytes_view{mac}.first(31))) == errc::bad_signature);
  CHECK(refusal(key.check(as_bytes("m"), {})) == errc::bad_signature);
  mac.back() ^= 1;
  CHECK(refusal(key.check(as_bytes("m"), mac)) == errc::bad_signature);
  CHECK(refusal(jose::hmac_key{"k", secret_bytes(31, 1)}.check(as_bytes("m"), mac)) == errc::bad_length);
}

TEST_CASE("hmac: external account binding (RFC 8555 section 7.3.4) has no nonce and the CA's key identifier", "[jose/hmac]") {
  const auto key = oct_key(read_json(SEALRING_VECTORS "/rfc7515_A.1.json").at("key").as_object());
  const std::string account_key = jose::to_jwk(key_of<es256>().public_key());
  const auto jws =
      json::parse(must(jose::sign_flattened(key, {"", "https://ca.example/new-account"}, account_key))).as_object();
  CHECK(as_text(octets(jws, "protected")) == R"({"alg":"HS256","kid":"kid-1","url":"https://ca.example/new-account"})");
  CHECK(as_text(octets(jws, "payload")) == account_key);
}

}  // namespace sealring::test

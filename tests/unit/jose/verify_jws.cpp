#include "sealring/jose/verify_jws.hpp"
#include "unit/support.hpp"
#include "vectors/reading.hpp"

namespace sealring::test {
namespace {

using jose::verify;

jose::hmac_key shared_secret() { return {"kid-1", secret_bytes(32, 7), jose::hmac_algorithm::hs256}; }

}  // namespace

TEST_CASE("verify_jws: RFC 7515 appendices A.2, A.3, A.4 and RFC 8037 appendix A.4", "[jose/verify_jws]") {
  for (const char* name : {"rfc7515_A.2", "rfc7515_A.3", "rfc7515_A.4", "rfc8037_A.4"}) {
    INFO(name);
    const auto vector = read_json(SEALRING_VECTORS "/" + std::string{name} + ".json");
    const auto key = must(jose::read_jwk(public_part(vector.at("key").as_object())));
    auto jws = must(jose::read_flattened(vector));
    CHECK(good(verify(jws, key)));
    CHECK(good(verify(jws, key.key)));
    jws.signature.back() ^= 1;
    CHECK(refusal(verify(jws, key)) == errc::bad_signature);
  }
}

// Appendix A.6 has the signatures of A.2 and A.3 over one payload, each with a "kid" that is not protected; A.7 is the second
// of them, flattened.
TEST_CASE("verify_jws: RFC 7515 appendix A.7, and the first signature of A.6 in its form", "[jose/verify_jws]") {
  for (const auto& [name, kid] :
       {std::pair{"rfc7515_A.3", "e9bc097a-ce51-4036-9562-d2ade882db0d"}, {"rfc7515_A.2", "2010-12-29"}}) {
    auto vector = read_json(SEALRING_VECTORS "/" + std::string{name} + ".json");
    const auto key = must(jose::read_jwk(public_part(vector.at("key").as_object())));
    vector["header"] = {{"kid", kid}};
    const auto jws = must(jose::read_flattened(vector));
    CHECK(*jws.parameter("kid") == kid);
    CHECK(good(verify(jws, key)));
  }
}

TEST_CASE("verify_jws: RFC 7515 appendix A.1, by the shared secret", "[jose/verify_jws]") {
  const auto vector = read_json(SEALRING_VECTORS "/rfc7515_A.1.json");
  const jose::hmac_key key{"", must(base64url_decode<secret_bytes>(text(vector.at("key").as_object(), "k")))};
  auto jws = must(jose::read_flattened(vector));
  CHECK(good(verify(jws, key)));
  jws.signature.front() ^= 1;
  CHECK(refusal(verify(jws, key)) == errc::bad_signature);
}

TEST_CASE("verify_jws: what we sign in each form, with each algorithm", "[jose/verify_jws]") {
  for_each_algorithm([](auto a) {
    const auto& key = key_of<decltype(a)>();
    const any_public_key shown = key.public_key();
    const jose::with_kid who{key, "kid-1"};
    const auto header = jose::header_parameters{}.text("typ", "a\"b").json("n", "[1,2]");
    const std::string payload = "what is signed";
    const bytes_view detached = as_bytes(payload);
    for (const auto& jws : {must(jose::read_flattened(must(jose::sign_flattened(who, header, payload)))),
                            must(jose::read_compact(must(jose::sign_compact(who, header, payload)))),
                            must(jose::read_flattened(must(jose::sign_flattened_detached(who, header, payload)), detached)),
                            must(jose::read_compact(must(jose::sign_compact_detached(who, header, payload)), detached))}) {
      CHECK(jws.protected_header == json::object{{"alg", jose::name(a.id)}, {"kid", "kid-1"}, {"typ", "a\"b"}, {"n", {1, 2}}});
      CHECK(as_text(jws.payload) == payload);
      CHECK(good(verify(jws, shown)));
    }
    const auto other =
        must(jose::read_compact(must(jose::sign_compact_detached(who, header, payload)), as_bytes("what was not signed")));
    CHECK(refusal(verify(other, shown)) == errc::bad_signature);
  });
}

TEST_CASE("verify_jws: an ACME request, verified by the key that it shows", "[jose/verify_jws]") {
  const auto& key = key_of<es384>();
  const auto jws =
      must(jose::read_flattened(must(jose::sign_flattened(jose::with_jwk{key}, {"n", "https://ca.example/new-acct"}, "{}"))));
  const auto shown = must(jose::read_jwk(jws.protected_header.at("jwk").as_object()));
  CHECK(shown.key == any_public_key{key.public_key()});
  CHECK(good(verify(jws, shown)));
}

TEST_CASE("verify_jws: the algorithm is one that the caller and the key allow, and that the key is for", "[jose/verify_jws]") {
  const auto& rsa = key_of<rs256>();
  const auto signed_with = [](const auto& key) {
    return must(jose::read_compact(must(jose::sign_compact(jose::with_kid{key, "k"}, {}, "x"))));
  };
  const auto jws = signed_with(rsa);
  const any_public_key key = rsa.public_key();
  const algorithm_id one[] = {algorithm_id::rs256}, other[] = {algorithm_id::ps256, algorithm_id::es256};
  CHECK(good(verify(jws, key, one)));
  CHECK(refusal(verify(jws, key, other)) == errc::unsupported_algorithm);
  CHECK(refusal(verify(jws, key, {})) == errc::unsupported_algorithm);
  CHECK(refusal(verify(jws, any_public_key{key_of<es256>().public_key()})) == errc::wrong_key_type);
  CHECK(refusal(verify(signed_with(key_of<es256>()), any_public_key{key_of<es384>().public_key()})) == errc::wrong_key_type);
  CHECK(good(verify(jws, jose::jwk{{.alg = "RS256"}, key})));
  CHECK(refusal(verify(jws, jose::jwk{{.alg = "PS256"}, key})) == errc::wrong_key_type);
  CHECK(refusal(verify(jws, jose::jwk{{.use = "enc"}, key})) == errc::wrong_key_type);
}

TEST_CASE("verify_jws: \"none\", and names that are none of ours", "[jose/verify_jws]") {
  for (const char* alg : {"none", "NONE", "None", "es256", "ES256K", "HS256", "RS1", "Ed25519"}) {
    const auto jws = must(jose::read_compact(base64url_encode(R"({"alg":")" + std::string{alg} + "\"}") + ".aGk."));
    CHECK(refusal(verify(jws, any_public_key{key_of<es256>().public_key()})) == errc::unsupported_algorithm);
    if (std::string_view{alg} != "HS256") CHECK(refusal(verify(jws, shared_secret())) == errc::unsupported_algorithm);
    else CHECK(refusal(verify(jws, shared_secret())) == errc::bad_signature);
  }
}

TEST_CASE("verify_jws: a signature of another length", "[jose/verify_jws]") {
  const any_public_key key = key_of<es256>().public_key();
  auto jws = must(jose::read_compact(must(jose::sign_compact(jose::with_kid{key_of<es256>(), "k"}, {}, "x"))));
  jws.signature.push_back(0);
  CHECK(refusal(verify(jws, key)) == errc::bad_signature);
  jws.signature.clear();
  CHECK(refusal(verify(jws, key)) == errc::bad_signature);
}

TEST_CASE("verify_jws: a shared secret verifies its own algorithm only, and not if it is too short", "[jose/verify_jws]") {
  auto secret = shared_secret();
  const std::string text = must(jose::sign_flattened(secret, {"", "https://ca.example/new-acct"}, "{}"));
  const auto jws = must(jose::read_flattened(text));
  CHECK(good(verify(jws, secret)));
  CHECK(refusal(verify(jws, any_public_key{key_of<es256>().public_key()})) == errc::unsupported_algorithm);
  secret.algorithm = jose::hmac_algorithm::hs384;
  CHECK(refusal(verify(jws, secret)) == errc::unsupported_algorithm);
  secret = {"kid-1", secret_bytes(31, 7), jose::hmac_algorithm::hs256};
  CHECK(refusal(verify(jws, secret)) == errc::bad_length);
}

}  // namespace sealring::test

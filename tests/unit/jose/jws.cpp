#include "sealring/jose/jws.hpp"
#include "sealring/verified.hpp"
#include "unit/signers.hpp"
#include "vectors/reading.hpp"

namespace sealring::test {
namespace {

/// Signing input, key and signature of a vector under tests/vectors.
struct jws_vector {
  explicit jws_vector(const std::string& name)
      : jwk{read_json(SEALRING_VECTORS "/" + name + ".json").at("key").as_object()},
        file{read_json(SEALRING_VECTORS "/" + name + ".json")} {}
  json::object jwk, file;

  std::string input() const { return text(file, "protected") + '.' + text(file, "payload"); }

  template <algorithm A>
  void verifies() const {
    const auto key = std::get<typename A::public_key>(public_key(jwk));
    typename A::signature signature{};
    if constexpr (std::same_as<typename A::signature, bytes>) signature = octets(file, "signature");
    else signature = fixed<std::tuple_size_v<typename A::signature>>(octets(file, "signature"));
    CHECK(good(verify<A>(key, as_bytes(input()), signature)));
    signature.back() ^= 1;
    CHECK(refusal(verify<A>(key, as_bytes(input()), signature)) == errc::bad_signature);
  }

  template <algorithm A>
  void reproduces() const {
    const auto key = must(software_key<A>::from(private_key(jwk).get()));
    CHECK(any_public_key{key.public_key()} == public_key(jwk));
    CHECK(base64url_encode(must(sign_bytes(key, as_bytes(input())))) == text(file, "signature"));
  }
};

}  // namespace

TEST_CASE("jws: RFC 7515 appendix A.2, RS256: verified and reproduced", "[jose/jws]") {
  const jws_vector vector{"rfc7515_A.2"};
  vector.verifies<rs256>();
  vector.reproduces<rs256>();
}

TEST_CASE("jws: RFC 7515 appendix A.3, ES256", "[jose/jws]") { jws_vector{"rfc7515_A.3"}.verifies<es256>(); }

TEST_CASE("jws: RFC 7515 appendix A.4, ES512", "[jose/jws]") { jws_vector{"rfc7515_A.4"}.verifies<es512>(); }

TEST_CASE("jws: RFC 8037 appendices A.1, A.2, A.4 and A.5, EdDSA: verified and reproduced", "[jose/jws]") {
  const jws_vector vector{"rfc8037_A.4"};
  vector.verifies<eddsa>();
  vector.reproduces<eddsa>();
}

TEST_CASE("jws: RFC 7515 appendix A.2 through our own writer", "[jose/jws]") {
  const jws_vector vector{"rfc7515_A.2"};
  const auto payload = octets(vector.file, "payload");
  CHECK(jose::signing_input(R"({"alg":"RS256"})", as_text(payload)) == vector.input());
  CHECK(jose::flattened(vector.input(), octets(vector.file, "signature")) ==
        R"({"protected":")" + text(vector.file, "protected") + R"(","payload":")" + text(vector.file, "payload") +
            R"(","signature":")" + text(vector.file, "signature") + "\"}");
  CHECK(jose::compact(vector.input(), octets(vector.file, "signature")) ==
        vector.input() + '.' + text(vector.file, "signature"));
}

TEST_CASE("jws: a key that shows itself, as newAccount wants it (RFC 8555 section 6.2)", "[jose/jws]") {
  for_each_algorithm([](auto a) {
    using A = decltype(a);
    const any_signer<software_key> key = key_of<A>();
    const auto jws =
        json::parse(must(jose::sign_flattened(jose::with_jwk{key}, {"nonce-1", "https://ca.example/new-acct"}, "{}")))
            .as_object();
    CHECK(jws.size() == 3);
    CHECK(as_text(octets(jws, "protected")) == R"({"alg":")" + std::string{jose::name(A::id)} + R"(","jwk":)" +
                                                   jose::to_jwk(key_of<A>().public_key()) +
                                                   R"(,"nonce":"nonce-1","url":"https://ca.example/new-acct"})");
    CHECK(as_text(octets(jws, "payload")) == "{}");
    const std::string input = text(jws, "protected") + '.' + text(jws, "payload");
    typename A::signature signature{};
    if constexpr (std::same_as<typename A::signature, bytes>) signature = octets(jws, "signature");
    else signature = fixed<std::tuple_size_v<typename A::signature>>(octets(jws, "signature"));
    CHECK(good(verify<A>(key_of<A>().public_key(), as_bytes(input), signature)));
  });
}

TEST_CASE("jws: a key that the server knows names its account; POST-as-GET has an empty payload", "[jose/jws]") {
  const auto& key = key_of<es256>();
  const auto jws = json::parse(must(jose::sign_flattened(jose::with_kid{key, "https://ca.example/acct/1"},
                                                         {"n", "https://ca.example/order/2"}, "")))
                       .as_object();
  CHECK(as_text(octets(jws, "protected")) ==
        R"({"alg":"ES256","kid":"https://ca.example/acct/1","nonce":"n","url":"https://ca.example/order/2"})");
  CHECK(text(jws, "payload").empty());
}

TEST_CASE("jws: what a CA puts into an URL or nonce cannot break out of the header", "[jose/jws]") {
  const auto& key = key_of<es256>();
  const auto jws =
      json::parse(must(jose::sign_flattened(jose::with_kid{key, "a\",\"x\":\"1"}, {"n\"\n", "u\\"}, "{}"))).as_object();
  const auto header = json::parse(as_text(octets(jws, "protected"))).as_object();
  CHECK(header.size() == 4);
  CHECK(text(header, "kid") == "a\",\"x\":\"1");
  CHECK(text(header, "nonce") == "n\"\n");
  CHECK(text(header, "url") == "u\\");
}

TEST_CASE("jws: the signer's failure comes through", "[jose/jws]") {
  const any_signer<unplugged> key = unplugged<es256>{};
  CHECK(refusal(jose::sign_flattened(jose::with_jwk{key}, {"n", "u"}, "{}")) == std::errc::no_such_device);
  const jose::with_kid who{key, "k"};
  CHECK(refusal(jose::sign_flattened(who, {"n", "u"}, "{}")) == std::errc::no_such_device);
  CHECK(refusal(jose::sign_compact(who, {}, "{}")) == std::errc::no_such_device);
  CHECK(refusal(jose::sign_flattened_detached(who, {}, "{}")) == std::errc::no_such_device);
  CHECK(refusal(jose::sign_compact_detached(who, {}, "{}")) == std::errc::no_such_device);
}

}  // namespace sealring::test

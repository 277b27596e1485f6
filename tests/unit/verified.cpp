#include "sealring/verified.hpp"
#include "unit/signers.hpp"

namespace sealring::test {

TEST_CASE("verified: a good signature passes, and the signer stays what it was", "[verified]") {
  for_each_algorithm([](auto a) {
    using A = decltype(a);
    const auto key = must(verified<software_key<A>>::make(key_of<A>()));
    static_assert(signer<verified<software_key<A>>>);
    CHECK(key.public_key() == key_of<A>().public_key());
    const auto signature = must(sign(key, as_bytes("message")));
    CHECK(good(verify<A>(key.public_key(), as_bytes("message"), signature)));
  });
}

TEST_CASE("verified: a signature by another key than the one shown does not get out", "[verified]") {
  for_each_algorithm([](auto a) {
    using A = decltype(a);
    const impostor<A> wrong{must(software_key<A>::generate()), key_of<A>().public_key()};
    REQUIRE(good(sign(wrong, as_bytes("message"))));
    CHECK(refusal(sign(must(verified<impostor<A>>::make(wrong)), as_bytes("message"))) == errc::bad_signature);
  });
}

TEST_CASE("verified: a flipped bit does not get out, wherever it is", "[verified]") {
  for_each_algorithm([](auto a) {
    using A = decltype(a);
    const std::size_t bits = 8 * must(sign(key_of<A>(), as_bytes("message"))).size();
    for (std::size_t bit = 0; bit < bits; bit += bits / 32 + 1) {
      INFO("bit " << bit);
      CHECK(refusal(sign(must(verified<bit_flipper<A>>::make({bit})), as_bytes("message"))) == errc::bad_signature);
    }
  });
}

TEST_CASE("verified: the inner signer's own failure comes through", "[verified]") {
  for_each_algorithm([](auto a) {
    using A = decltype(a);
    CHECK(refusal(sign(must(verified<unplugged<A>>::make({})), as_bytes("message"))) == std::errc::no_such_device);
  });
}

TEST_CASE("verified: there is no verifier for a key that cannot exist", "[verified]") {
  CHECK(refusal(verifier<es256>::make({})) == errc::bad_public_key);
  CHECK(refusal(verify<es512>({}, as_bytes("m"), {})) == errc::bad_public_key);
  CHECK(refusal(verified<impostor<es256>>::make({key_of<es256>(), {}})) == errc::bad_public_key);
}

TEST_CASE("verified: RSA signatures of a wrong length are refused", "[verified]") {
  const auto check = must(verifier<rs256>::make(key_of<rs256>().public_key()));
  const auto in = must(rs256::prepare(as_bytes("message")));
  bytes signature = must(key_of<rs256>().sign(in));
  REQUIRE(good(check.check(in, signature)));
  signature.push_back(0);
  CHECK(refusal(check.check(in, signature)) == errc::bad_signature);
  signature.resize(255);
  CHECK(refusal(check.check(in, signature)) == errc::bad_signature);
  CHECK(refusal(check.check(in, {})) == errc::bad_signature);
}

TEST_CASE("verified: a PSS signature keeps its leading zero", "[verified]") {
  const auto key = must(software_key<ps256>::from(evp_of<rs256>()));
  const auto check = must(verifier<ps256>::make(key.public_key()));
  const auto in = must(ps256::prepare(as_bytes("message")));
  bytes signature = must(key.sign(in));
  while (signature.front() != 0) signature = must(key.sign(in));  // one in 256, since it is salted
  REQUIRE(good(check.check(in, signature)));
  signature.erase(signature.begin());
  CHECK(refusal(check.check(in, signature)) == errc::bad_signature);
}

TEST_CASE("verified: PKCS#1 v1.5 and PSS do not pass for each other", "[verified]") {
  const auto pkcs1 = must(software_key<rs256>::from(evp_of<rs256>()));
  const auto pss = must(software_key<ps256>::from(evp_of<rs256>()));
  const message m = as_bytes("message");
  CHECK(refusal(verify<ps256>(pss.public_key(), m, must(sign(pkcs1, m)))) == errc::bad_signature);
  CHECK(refusal(verify<rs256>(pss.public_key(), m, must(sign(pss, m)))) == errc::bad_signature);
}

}  // namespace sealring::test

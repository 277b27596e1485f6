#include "sealring/software_key.hpp"
#include "sealring/verified.hpp"
#include "unit/signers.hpp"

#include <thread>

namespace sealring::test {

TEST_CASE("software_key: what it signs verifies, and only that", "[software_key]") {
  for_each_algorithm([](auto a) {
    using A = decltype(a);
    const auto key = must(software_key<A>::generate());
    const auto signature = must(sign(key, as_bytes("message")));
    CHECK(good(verify<A>(key.public_key(), as_bytes("message"), signature)));
    CHECK(refusal(verify<A>(key.public_key(), as_bytes("massage"), signature)) == errc::bad_signature);
    CHECK(refusal(verify<A>(key_of<A>().public_key(), as_bytes("message"), signature)) == errc::bad_signature);
    CHECK(good(verify<A>(key.public_key(), {}, must(sign(key, {})))));  // the empty message, as a POST-as-GET's payload
  });
}

TEST_CASE("software_key: a key of another type or curve is refused", "[software_key]") {
  for_each_algorithm([](auto a) {
    for_each_algorithm([](auto b) {
      using A = decltype(a);
      using B = decltype(b);
      if constexpr (std::same_as<typename A::public_key, typename B::public_key>)
        CHECK(good(software_key<A>::from(evp_of<B>())));
      else CHECK(refusal(software_key<A>::from(evp_of<B>())) == errc::wrong_key_type);
    });
  });
  CHECK(refusal(software_key<es256>::from(make_evp("EC", "secp256k1").get())) == errc::unsupported_key);
  CHECK(refusal(software_key<eddsa>::from(make_evp("X25519").get())) == errc::unsupported_key);
  CHECK(refusal(software_key<es256>::from(nullptr)) == errc::bad_public_key);
}

TEST_CASE("software_key: a public key alone shows itself but cannot sign", "[software_key]") {
  for_each_algorithm([](auto a) {
    using A = decltype(a);
    const bytes spki = must(to_spki(key_of<A>().public_key()));
    const auto evp = detail::from_der<detail::evp_pkey, d2i_PUBKEY>(spki);
    const auto key = must(software_key<A>::from(evp.get()));
    CHECK(key.public_key() == key_of<A>().public_key());
    CHECK(refusal(sign(key, as_bytes("message"))) == errc::crypto_library_failed);
  });
}

TEST_CASE("software_key: outlives the EVP_PKEY it was made from, and so do its copies", "[software_key]") {
  auto evp = make_evp("ED25519");
  auto first = std::make_unique<software_key<eddsa>>(must(software_key<eddsa>::from(evp.get())));
  const software_key<eddsa> copy = *first;
  evp.reset();
  first.reset();
  CHECK(good(verify<eddsa>(copy.public_key(), as_bytes("m"), must(sign(copy, as_bytes("m"))))));
}

TEST_CASE("software_key: an RSA key is as long as it was asked to be, and its signature with it", "[software_key]") {
  const auto key = must(software_key<rs256>::generate(3072));
  CHECK(key.public_key().bits() == 3072);
  CHECK(must(sign(key, as_bytes("m"))).size() == 384);
}

TEST_CASE("software_key: r and s keep their width where they start with zeros", "[software_key]") {
  // one signature in 128 has a short r or s; on P-521 half of them have a first octet of zero
  for (int i = 0; i < 512; ++i) {
    const auto signature = must(sign(key_of<es256>(), as_bytes(std::to_string(i))));
    REQUIRE(good(verify<es256>(key_of<es256>().public_key(), as_bytes(std::to_string(i)), signature)));
  }
}

TEST_CASE("software_key and verified: one key signs in many threads at once", "[software_key]") {
  for_each_algorithm([](auto a) {
    using A = decltype(a);
    const auto key = must(verified<software_key<A>>::make(key_of<A>()));
    std::array<int, 4> signatures{};
    {
      std::vector<std::jthread> threads;
      for (int& count : signatures)
        threads.emplace_back([&key, &count] {
          for (int i = 0; i < 8; ++i) count += sign(key, as_bytes("message")).has_value() ? 1 : 0;
        });
    }
    CHECK(signatures == std::array{8, 8, 8, 8});
  });
}

}  // namespace sealring::test

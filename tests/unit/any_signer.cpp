#include "sealring/any_signer.hpp"
#include "sealring/verified.hpp"
#include "unit/signers.hpp"

namespace sealring::test {

using any_software_key = any_signer<software_key>;
static_assert(some_signer<any_software_key>);
static_assert(some_signer<software_key<es256>>);
static_assert(some_signer<std::variant<verified<software_key<es256>>, unplugged<eddsa>>>);  // any mixture of signers
static_assert(!some_signer<std::variant<software_key<es256>, int>>);

TEST_CASE("any_signer: answers as the signer inside does", "[any_signer]") {
  for_each_algorithm([](auto a) {
    using A = decltype(a);
    const any_software_key any = key_of<A>();
    CHECK(id_of(any) == A::id);
    CHECK(id_of(any) == id_of(key_of<A>()));
    CHECK(public_key_of_signer(any) == any_public_key{key_of<A>().public_key()});

    const bytes raw = must(sign_bytes(any, as_bytes("message")));
    typename A::signature signature{};
    if constexpr (std::same_as<typename A::signature, bytes>) signature = raw;
    else {
      REQUIRE(raw.size() == signature.size());
      std::ranges::copy(raw, signature.begin());
    }
    CHECK(good(verify<A>(key_of<A>().public_key(), as_bytes("message"), signature)));
  });
}

TEST_CASE("any_signer: a signer's failure comes through every layer", "[any_signer]") {
  for_each_algorithm([](auto a) {
    using A = decltype(a);
    CHECK(refusal(sign(unplugged<A>{}, {})) == std::errc::no_such_device);
    CHECK(refusal(sign_bytes(unplugged<A>{}, {})) == std::errc::no_such_device);
    CHECK(refusal(sign_bytes(any_signer<unplugged>{unplugged<A>{}}, {})) == std::errc::no_such_device);
  });
}

TEST_CASE("algorithm: run-time identities are stable, since they are on wires and in logs", "[any_signer]") {
  CHECK(static_cast<int>(es256::id) == 1);
  CHECK(static_cast<int>(es384::id) == 2);
  CHECK(static_cast<int>(es512::id) == 3);
  CHECK(static_cast<int>(rs256::id) == 4);
  CHECK(static_cast<int>(ps256::id) == 5);
  CHECK(static_cast<int>(eddsa::id) == 6);
}

}  // namespace sealring::test

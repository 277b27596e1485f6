#include "sealring/digest.hpp"
#include "unit/support.hpp"

namespace sealring::test {

// FIPS 180-2 appendices B.1, D.1 (FIPS 180-2 change notice) and C.1: the message "abc"
TEST_CASE("digest: the examples of FIPS 180", "[digest]") {
  const message abc = as_bytes("abc");
  CHECK(to_bytes(must(hash<sha256>(abc)).view()) == unhex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
  CHECK(to_bytes(must(hash<sha384>(abc)).view()) == unhex("cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
                                                          "8086072ba1e7cc2358baeca134c825a7"));
  CHECK(to_bytes(must(hash<sha512>(abc)).view()) == unhex("ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                                                          "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"));
}

TEST_CASE("digest: an empty message, without storage, has one too", "[digest]") {
  CHECK(to_bytes(must(hash<sha256>({})).view()) == unhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
}

TEST_CASE("digest: one that another library computed is kept as it is", "[digest]") {
  const auto made = must(hash<sha384>(as_bytes("abc")));
  CHECK(digest<sha384>::already_computed(made.view()) == made);
  CHECK_FALSE(made == must(hash<sha384>(as_bytes("abd"))));
}

}  // namespace sealring::test

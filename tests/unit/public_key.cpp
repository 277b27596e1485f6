#include "sealring/public_key.hpp"
#include "unit/support.hpp"

#include <openssl/core_names.h>

namespace sealring::test {
namespace {

bytes spki_of(EVP_PKEY* key) {
  const bytes der = detail::to_der<i2d_PUBKEY>(key);
  REQUIRE_FALSE(der.empty());
  return der;
}

/// The point with this x on P-256, of the two the one whose y is even.
ec_public_key<p256> point_with_x(fixed_bytes<32> x) {
  using group_ptr = detail::owned<EC_GROUP, EC_GROUP_free>;
  using point_ptr = detail::owned<EC_POINT, EC_POINT_free>;
  const group_ptr group{EC_GROUP_new_by_curve_name(p256::nid)};
  const point_ptr point{EC_POINT_new(group.get())};
  const detail::bignum bx{BN_bin2bn(x.data(), 32, nullptr)}, by{BN_new()};
  REQUIRE(EC_POINT_set_compressed_coordinates(group.get(), point.get(), bx.get(), 0, nullptr) == 1);
  REQUIRE(EC_POINT_get_affine_coordinates(group.get(), point.get(), nullptr, by.get(), nullptr) == 1);
  ec_public_key<p256> key{x, {}};
  BN_bn2binpad(by.get(), key.y.data(), 32);
  return key;
}

}  // namespace

TEST_CASE("public_key: our SubjectPublicKeyInfo is libcrypto's, and reads back as the same key", "[public_key]") {
  for_each_algorithm([](auto a) {
    using A = decltype(a);
    const any_public_key key = key_of<A>().public_key();
    const bytes der = must(to_spki(key));
    CHECK(der == spki_of(evp_of<A>()));
    CHECK(der == must(to_spki(key_of<A>().public_key())));  // typed or any: one encoding
    CHECK(must(from_spki(der)) == key);
  });
}

TEST_CASE("public_key: coordinates keep their width, even where they start with zeros", "[public_key]") {
  const auto key = point_with_x({});  // x = 0 lies on P-256, since b is a square
  CHECK(must(from_spki(must(to_spki(key)))) == any_public_key{key});
}

TEST_CASE("public_key: the size of an RSA modulus in bits", "[public_key]") {
  CHECK(rsa_public_key{}.bits() == 0);
  CHECK(rsa_public_key{{0x01}, {3}}.bits() == 1);
  CHECK(rsa_public_key{{0x80, 0}, {3}}.bits() == 16);
  CHECK(key_of<rs256>().public_key().bits() == 2048);
  CHECK(key_of<rs256>().public_key().e == bytes{1, 0, 1});
}

TEST_CASE("public_key: a trailing byte and every truncation are refused", "[public_key]") {
  for_each_algorithm([](auto a) {
    bytes der = must(to_spki(key_of<decltype(a)>().public_key()));
    for (std::size_t size = 0; size < der.size(); ++size)
      REQUIRE(refusal(from_spki(bytes_view{der}.first(size))) == errc::bad_public_key);
    der.push_back(0);
    CHECK(refusal(from_spki(der)) == errc::bad_public_key);
  });
  CHECK(refusal(from_spki({})) == errc::bad_public_key);
}

TEST_CASE("public_key: a point that is not on its curve is refused", "[public_key]") {
  auto key = key_of<es384>().public_key();
  key.y.back() ^= 1;
  CHECK(refusal(from_spki(must(to_spki(key)))) == errc::bad_public_key);
  CHECK(refusal(from_spki(must(to_spki(ec_public_key<p256>{})))) == errc::bad_public_key);

  ec_public_key<p521> beyond;  // coordinates not below the field's prime
  beyond.x.fill(0xff), beyond.y.fill(0xff);
  CHECK(refusal(from_spki(must(to_spki(beyond)))) == errc::bad_public_key);

  // the point at infinity: one octet, 00
  CHECK(refusal(from_spki(unhex("301906072a8648ce3d020106082a8648ce3d03010703020000"))) == errc::bad_public_key);
  CHECK(refusal(from_spki(unhex("3019301306072a8648ce3d020106082a8648ce3d03010703020000"))) == errc::bad_public_key);
}

TEST_CASE("public_key: a compressed point (RFC 5480 section 2.2) is the same key", "[public_key]") {
  const auto key = point_with_x({});
  CHECK(must(from_spki(unhex("3039301306072a8648ce3d020106082a8648ce3d030107032200"
                             "020000000000000000000000000000000000000000000000000000000000000000"))) == any_public_key{key});
}

TEST_CASE("public_key: kinds of key that no algorithm here takes are named so", "[public_key]") {
  for (const char* curve : {"P-224", "secp256k1", "brainpoolP256r1"}) {
    INFO(curve);
    CHECK(refusal(from_spki(spki_of(make_evp("EC", curve).get()))) == errc::unsupported_key);
  }
  for (const char* type : {"X25519", "ED448"}) {
    INFO(type);
    CHECK(refusal(from_spki(spki_of(make_evp(type).get()))) == errc::unsupported_key);
  }
  const detail::evp_pkey_ctx ctx{EVP_PKEY_CTX_new_from_name(nullptr, "RSA-PSS", nullptr)};  // bound to PSS by its key type
  EVP_PKEY* pss = nullptr;
  REQUIRE((EVP_PKEY_keygen_init(ctx.get()) == 1 && EVP_PKEY_generate(ctx.get(), &pss) == 1));
  CHECK(refusal(from_spki(spki_of(detail::evp_pkey{pss}.get()))) == errc::unsupported_key);
}

// RFC 5480 section 2.1.1 wants curves named; some tokens spell them out. That is harmless only while every parameter is the
// named curve's: a generator of one's own choosing makes any public key one's own (CVE-2020-0601).
TEST_CASE("public_key: curve parameters spelled out are those of a named curve, or refused", "[public_key]") {
  const auto key = make_evp("EC", "P-256");
  const bytes named = spki_of(key.get());
  REQUIRE(EVP_PKEY_set_utf8_string_param(key.get(), OSSL_PKEY_PARAM_EC_ENCODING, "explicit") == 1);
  bytes der = spki_of(key.get());
  REQUIRE(der.size() > 200);
  CHECK(must(to_spki(must(from_spki(der)))) == named);

  const bytes generator = unhex("046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296");
  const auto place = std::ranges::search(der, generator);
  REQUIRE_FALSE(place.empty());
  std::copy(named.end() - 65, named.end(), place.begin());  // the public key itself as the generator
  CHECK(refusal(from_spki(der)));
}

}  // namespace sealring::test

#include "sealring/jose/read_jwk.hpp"
#include "unit/support.hpp"
#include "vectors/reading.hpp"

namespace sealring::test {
namespace {

/// A good key with one member changed; no value takes it out.
std::string with(const std::string& jwk, std::string_view name, std::optional<json::value> value) {
  auto object = json::parse(jwk).as_object();
  if (value) object[name] = *std::move(value);
  else object.erase(name);
  return json::serialize(object);
}

template <class Key>
void is_read(const Key& key) {
  const auto read = must(jose::read_jwk(jose::to_jwk(key)));
  CHECK(read.key == any_public_key{key});
  CHECK((!read.kid && !read.use && !read.key_ops && !read.alg && read.other.empty()));
}

}  // namespace

TEST_CASE("read_jwk: keys of every kind that we write", "[jose/read_jwk]") {
  for_each_algorithm([](auto a) { is_read(key_of<decltype(a)>().public_key()); });
}

TEST_CASE("read_jwk: the keys of RFC 7517 section 3, RFC 7638 section 3.1 and RFC 8037 appendix A.2", "[jose/read_jwk]") {
  const auto section_3 = must(jose::read_jwk(
      R"({"kty":"EC", "crv":"P-256", "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
          "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0", "kid":"Public key used in JWS spec Appendix A.3 example"})"));
  CHECK(section_3.kid == "Public key used in JWS spec Appendix A.3 example");
  CHECK(section_3.key == public_key(read_json(SEALRING_VECTORS "/rfc7515_A.3.json").at("key").as_object()));

  const auto rfc7638 = read_json(SEALRING_VECTORS "/rfc7638_3.1.json");
  const auto rsa = must(jose::read_jwk(rfc7638.at("key").as_object()));
  CHECK((rsa.kid == "2011-04-29" && rsa.alg == "RS256"));
  CHECK(must(jose::thumbprint(rsa.key)) == text(rfc7638, "thumbprint"));

  const auto rfc8037 = read_json(SEALRING_VECTORS "/rfc8037_A.3.json");
  CHECK(must(jose::thumbprint(must(jose::read_jwk(public_part(rfc8037.at("key").as_object()))).key)) ==
        text(rfc8037, "thumbprint"));
}

TEST_CASE("read_jwk: what a key says of itself, and members that nobody here knows, survive a round trip", "[jose/read_jwk]") {
  const std::string bare = jose::to_jwk(key_of<es256>().public_key());
  const std::string text = bare.substr(0, bare.size() - 1) +
                           R"(,"kid":"k\"1","use":"sig","key_ops":["verify","sign"],"alg":"ES256","x5c":["AAAA"],"ext":true})";
  const auto read = must(jose::read_jwk(text));
  CHECK(read.kid == "k\"1");
  CHECK(read.use == "sig");
  CHECK(read.key_ops == std::vector<std::string>{"verify", "sign"});
  CHECK(read.alg == "ES256");
  CHECK(read.other.size() == 2);
  CHECK(jose::to_jwk(read) == text);
}

TEST_CASE("read_jwk: a key that shows a secret is refused before anything else is looked at", "[jose/read_jwk]") {
  const std::string ec = jose::to_jwk(key_of<es256>().public_key());
  for (const char* name : {"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
    CHECK(refusal(jose::read_jwk(with(ec, name, "AA"))) == errc::secret_in_jwk);
  CHECK(refusal(jose::read_jwk(R"({"kty":"oct","k":"AA"})")) == errc::secret_in_jwk);
  CHECK(refusal(jose::read_jwk(read_json(SEALRING_VECTORS "/rfc7515_A.2.json").at("key").as_object())) == errc::secret_in_jwk);
}

TEST_CASE("read_jwk: types and curves that we have no algorithm for", "[jose/read_jwk]") {
  const std::string ec = jose::to_jwk(key_of<es256>().public_key());
  for (const char* kty : {"AKP", "ec", "oct", ""})
    CHECK(refusal(jose::read_jwk(with(ec, "kty", kty))) == errc::unsupported_key);
  for (const char* crv : {"secp256k1", "Ed25519", "p-256"})
    CHECK(refusal(jose::read_jwk(with(ec, "crv", crv))) == errc::unsupported_key);
  const std::string ed = jose::to_jwk(key_of<eddsa>().public_key());
  for (const char* crv : {"Ed448", "X25519", "P-256"})
    CHECK(refusal(jose::read_jwk(with(ed, "crv", crv))) == errc::unsupported_key);
}

TEST_CASE("read_jwk: each member must be there, as a string in base64url of the right length", "[jose/read_jwk]") {
  const auto spoil = [](const std::string& jwk, std::initializer_list<const char*> names) {
    for (const char* name : names) {
      INFO(name);
      CHECK(refusal(jose::read_jwk(with(jwk, name, {}))) == errc::bad_json);
      CHECK(refusal(jose::read_jwk(with(jwk, name, 1))) == errc::bad_json);
      CHECK(refusal(jose::read_jwk(with(jwk, name, "AA=="))) ==
            (std::string_view{name} == "kty" || std::string_view{name} == "crv" ? errc::unsupported_key : errc::bad_base64url));
      if (std::string_view{name}.size() == 1) CHECK(refusal(jose::read_jwk(with(jwk, name, ""))) == errc::bad_public_key);
    }
  };
  spoil(jose::to_jwk(key_of<es256>().public_key()), {"kty", "crv", "x", "y"});
  spoil(jose::to_jwk(key_of<rs256>().public_key()), {"kty", "n", "e"});
  spoil(jose::to_jwk(key_of<eddsa>().public_key()), {"kty", "crv", "x"});
}

TEST_CASE("read_jwk: points off their curve, and coordinates of another width", "[jose/read_jwk]") {
  auto key = key_of<es256>().public_key();
  key.y.back() ^= 1;
  CHECK(refusal(jose::read_jwk(jose::to_jwk(key))) == errc::bad_public_key);
  CHECK(refusal(jose::read_jwk(jose::to_jwk(ec_public_key<p384>{}))) == errc::bad_public_key);
  const std::string good_key = jose::to_jwk(key_of<es256>().public_key());
  CHECK(refusal(jose::read_jwk(with(good_key, "x", json::value(base64url_encode(bytes(33)))))) == errc::bad_public_key);
  CHECK(refusal(jose::read_jwk(with(good_key, "crv", "P-384"))) == errc::bad_public_key);
}

TEST_CASE("read_jwk: RSA numbers that prove nothing, cost too much, or are spelt otherwise", "[jose/read_jwk]") {
  const auto number = [](std::size_t octets) {
    bytes n(octets, 0xff);
    return base64url_encode(n);
  };
  const std::string rsa = jose::to_jwk(key_of<rs256>().public_key());
  const auto is = [&](std::string_view name, const std::string& value) {
    return refusal(jose::read_jwk(with(rsa, name, json::value(value))));
  };
  CHECK(is("n", number(256)) == std::error_code{});
  CHECK(is("n", number(2048)) == std::error_code{});
  CHECK(is("n", number(255)) == errc::bad_public_key);                   // 2040 bits
  CHECK(is("n", number(2049)) == errc::bad_public_key);                  // 16392 bits
  CHECK(is("n", "AP" + number(256).substr(2)) == errc::bad_public_key);  // a leading zero
  CHECK(is("e", "Aw") == std::error_code{});
  CHECK(is("e", "AQ") == errc::bad_public_key);      // 1
  CHECK(is("e", "Ag") == errc::bad_public_key);      // 2
  CHECK(is("e", "AAEAAQ") == errc::bad_public_key);  // a leading zero
  CHECK(is("e", number(9)) == errc::bad_public_key);
}

// CVE-2017-15361: such a modulus is a power of 65537 modulo each of many small primes. 65537^128, of 2049 bits, is one anyway.
TEST_CASE("read_jwk: RSA keys as the ROCA library made them", "[jose/read_jwk]") {
  const detail::bignum base{BN_new()}, exponent{BN_new()}, n{BN_new()};
  const detail::owned<BN_CTX, BN_CTX_free> ctx{BN_CTX_new()};
  BN_set_word(base.get(), 65537);
  BN_set_word(exponent.get(), 128);
  REQUIRE(BN_exp(n.get(), base.get(), exponent.get(), ctx.get()) == 1);
  const auto read = [&n] {
    bytes modulus(static_cast<std::size_t>(BN_num_bytes(n.get())));
    BN_bn2bin(n.get(), modulus.data());
    return refusal(jose::read_jwk(jose::to_jwk(rsa_public_key{modulus, {1, 0, 1}})));
  };
  CHECK(read() == errc::bad_public_key);
  BN_add_word(n.get(), 2);
  CHECK(read() == std::error_code{});
}

TEST_CASE("read_jwk: parameters of the wrong type, or that contradict each other", "[jose/read_jwk]") {
  const std::string ec = jose::to_jwk(key_of<es256>().public_key());
  for (const char* name : {"kid", "use", "alg", "key_ops"}) CHECK(refusal(jose::read_jwk(with(ec, name, 1))) == errc::bad_json);
  const auto with_ops = [&](const char* use, json::array operations) {
    return refusal(jose::read_jwk(with(with(ec, "use", use), "key_ops", operations)));
  };
  CHECK(with_ops("sig", {"verify"}) == std::error_code{});
  CHECK(with_ops("enc", {"deriveKey"}) == std::error_code{});
  CHECK(with_ops("sig", {"verify", "encrypt"}) == errc::bad_json);
  CHECK(with_ops("enc", {"verify"}) == errc::bad_json);
  CHECK(with_ops("tls", {"verify", "sign", "verify"}) == errc::bad_json);
  CHECK(with_ops("sig", {1}) == errc::bad_json);
}

TEST_CASE("read_jwk: what a key may verify", "[jose/read_jwk]") {
  jose::jwk key{{}, key_of<es256>().public_key()};
  CHECK(key.permits_verifying("ES256"));
  key.alg = "ES256", key.use = "sig", key.key_ops = {"verify"};
  CHECK(key.permits_verifying("ES256"));
  CHECK_FALSE(key.permits_verifying("ES384"));
  key.use = "enc";
  CHECK_FALSE(key.permits_verifying("ES256"));
  key.use.reset(), key.key_ops = {"sign"};
  CHECK_FALSE(key.permits_verifying("ES256"));
  key.key_ops = std::vector<std::string>{};
  CHECK_FALSE(key.permits_verifying("ES256"));
}

}  // namespace sealring::test

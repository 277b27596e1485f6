// Vectors of others, beside the project's root (../shared/vectors): Wycheproof, and the cookbook of RFC 7520.
//
// Where the folder is not there, each test says so and ctest counts it as skipped.
#include "sealring/jose/hmac.hpp"
#include "sealring/verified.hpp"
#include "unit/support.hpp"
#include "vectors/reading.hpp"

#include <iostream>

namespace sealring::test {
namespace {

const std::filesystem::path shared = SEALRING_SHARED_VECTORS;

bool present() {
  if (exists(shared)) return true;
  std::cout << "SKIPPED: no vectors at " << shared << '\n';
  return false;
}

/// What does not even fit the signature's type is no signature.
template <algorithm A>
bool accepts(const typename A::public_key& key, message m, const bytes& signature) {
  if constexpr (std::same_as<typename A::signature, bytes>) return good(verify<A>(key, m, signature));
  else
    return signature.size() == std::tuple_size_v<typename A::signature> &&
           good(verify<A>(key, m, fixed<std::tuple_size_v<typename A::signature>>(signature)));
}

template <algorithm A>
constexpr auto raw = accepts<A>;

template <algorithm A>
bool accepts_der(const typename A::public_key& key, message m, const bytes& der) {
  const auto signature = ecdsa_from_der<std::tuple_size_v<typename A::signature>>(der);
  return good(signature) && good(verify<A>(key, m, *signature));
}

/// Every test of a Wycheproof file. "acceptable" is neither right nor wrong: we must say which we do, in `acceptable`.
template <algorithm A>
void wycheproof(const std::string& name, auto accept, std::vector<std::int64_t> acceptable = {}) {
  if (!present()) return;
  const auto file = read_json(shared / "wycheproof" / (name + "_test.json"));
  std::int64_t seen = 0;
  std::vector<std::int64_t> accepted;
  for (const auto& group : file.at("testGroups").as_array()) {
    const auto key = std::get<typename A::public_key>(must(from_spki(unhex(text(group.as_object(), "publicKeyDer")))));
    for (const auto& entry : group.at("tests").as_array()) {
      const auto& test = entry.as_object();
      const std::int64_t id = test.at("tcId").as_int64();
      const bool ok = accept(key, unhex(text(test, "msg")), unhex(text(test, "sig")));
      const std::string expected = text(test, "result");
      INFO(name << " test " << id << ": " << text(test, "comment") << ", " << expected);
      ++seen;
      if (expected == "acceptable" && ok) accepted.push_back(id);
      if (expected != "acceptable") CHECK(ok == (expected == "valid"));
    }
  }
  CHECK(seen == file.at("numberOfTests").as_int64());
  CHECK(accepted == acceptable);
}

}  // namespace

TEST_CASE("Wycheproof: ECDSA P-256, r||s", "[wycheproof]") { wycheproof<es256>("ecdsa_secp256r1_sha256_p1363", raw<es256>); }
TEST_CASE("Wycheproof: ECDSA P-384, r||s", "[wycheproof]") { wycheproof<es384>("ecdsa_secp384r1_sha384_p1363", raw<es384>); }
TEST_CASE("Wycheproof: ECDSA P-521, r||s", "[wycheproof]") { wycheproof<es512>("ecdsa_secp521r1_sha512_p1363", raw<es512>); }
TEST_CASE("Wycheproof: ECDSA P-256, DER", "[wycheproof]") { wycheproof<es256>("ecdsa_secp256r1_sha256", accepts_der<es256>); }
TEST_CASE("Wycheproof: Ed25519", "[wycheproof]") { wycheproof<eddsa>("ed25519", raw<eddsa>); }
TEST_CASE("Wycheproof: RSASSA-PKCS1-v1_5", "[wycheproof]") { wycheproof<rs256>("rsa_signature_2048_sha256", raw<rs256>); }
TEST_CASE("Wycheproof: RSASSA-PSS", "[wycheproof]") { wycheproof<ps256>("rsa_pss_2048_sha256_mgf1_32", raw<ps256>); }

namespace {

template <algorithm A>
void cookbook(const json::object& jwk, const std::string& input, const bytes& signature) {
  CHECK(accepts<A>(std::get<typename A::public_key>(public_key(jwk)), as_bytes(input), signature));
}

void cookbook_signature(const json::object& jwk, const json::object& signing) {
  const std::string input = text(signing, "sig-input");
  const bytes signature = octets(signing, "sig");
  const std::string alg = signing.contains("protected") && signing.at("protected").as_object().contains("alg")
                              ? text(signing.at("protected").as_object(), "alg")
                              : text(signing.at("unprotected").as_object(), "alg");
  INFO("RFC 7520 " << alg);
  if (alg == "RS256") return cookbook<rs256>(jwk, input, signature);
  if (alg == "ES512") return cookbook<es512>(jwk, input, signature);
  if (alg == "EdDSA") return cookbook<eddsa>(jwk, input, signature);
  if (alg == "HS256") {
    const jose::hmac_key key{"", must(base64url_decode<secret_bytes>(text(jwk, "k"))), jose::hmac_algorithm::hs256};
    CHECK(must(key.sign(as_bytes(input))) == signature);
    return;
  }
  CHECK(alg == "PS384");  // section 4.2: the one signature of the cookbook that sealring has no algorithm for
}

}  // namespace

TEST_CASE("RFC 7520: every signature of the cookbook whose algorithm is ours", "[rfc7520]") {
  if (!present()) return;
  for (const char* name :
       {"4_1.rsa_v15_signature", "4_2.rsa-pss_signature", "4_3.ecdsa_signature", "4_4.hmac-sha2_integrity_protection",
        "4_5.signature_with_detached_content", "4_6.protecting_specific_header_fields", "4_7.protecting_content_only", "jws"}) {
    INFO(name);
    const auto file = read_json(shared / "rfc7520" / (std::string{name} + ".json"));
    cookbook_signature(file.at("input").at("key").as_object(), file.at("signing").as_object());
  }
  const auto several = read_json(shared / "rfc7520" / "4_8.multiple_signatures.json");
  const auto& keys = several.at("input").at("key").as_array();
  const auto& signing = several.at("signing").as_array();
  REQUIRE(keys.size() == signing.size());
  for (std::size_t i = 0; i < keys.size(); ++i) cookbook_signature(keys[i].as_object(), signing[i].as_object());
}

TEST_CASE("RFC 7520 section 4.1: the RSA signature is reproduced", "[rfc7520]") {
  if (!present()) return;
  const auto file = read_json(shared / "rfc7520" / "4_1.rsa_v15_signature.json");
  const auto key = must(software_key<rs256>::from(private_key(file.at("input").at("key").as_object()).get()));
  const auto& signing = file.at("signing").as_object();
  CHECK(must(sign(key, as_bytes(text(signing, "sig-input")))) == octets(signing, "sig"));
}

}  // namespace sealring::test

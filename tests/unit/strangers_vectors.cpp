// Vectors of others, beside the project's root (../shared/vectors): Wycheproof, and the cookbook of RFC 7520.
//
// Where the folder is not there, each test says so and ctest counts it as skipped.
#include "sealring/jose/read_hmac_key.hpp"
#include "sealring/jose/read_jwk_set.hpp"
#include "sealring/jose/verify_jws.hpp"
#include "unit/support.hpp"
#include "vectors/reading.hpp"

#include <iostream>
#include <map>

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

/// By a public key, or by a shared secret, as the JWK has it.
std::error_code verdict(const result<jose::jws>& jws, const std::string& key) {
  if (!jws) return jws.error();
  if (const auto secret = jose::read_hmac_key(key)) return refusal(jose::verify(*jws, *secret));
  else if (secret.error() != errc::unsupported_key) return secret.error();
  const auto known = jose::read_jwk(key);
  return known ? refusal(jose::verify(*jws, *known)) : known.error();
}

/// The key of a set that the JWS names. Sets of secrets are for nobody to publish, so that we have no reader for them.
std::string named_key(const json::object& set, const std::string& compact) {
  const auto jws = jose::read_compact(compact);
  const std::string kid = jws ? text(jws->protected_header, "kid") : "";
  const auto public_set = jose::read_jwk_set(json::serialize(set));
  if (public_set) return public_set->find(kid) != nullptr ? jose::to_jwk(*public_set->find(kid)) : "";
  std::vector<std::string> found;
  for (const auto& key : set.at("keys").as_array()) {
    if (text(key.as_object(), "kty") != "oct") return "";  // public and secret in one set
    if (text(key.as_object(), "kid") == kid) found.push_back(json::serialize(key));
  }
  return found.size() == 1 ? found.front() : "";
}

/// Every test of a Wycheproof file of JWS; `ours` are those where we differ, with what we say.
void wycheproof_jose(const std::string& name, auto key_of_test, const std::map<std::int64_t, std::error_code>& ours) {
  if (!present()) return;
  const auto file = read_json(shared / "wycheproof" / (name + "_test.json"));
  std::int64_t seen = 0;
  for (const auto& group : file.at("testGroups").as_array()) {
    const auto& keys = group.at(group.as_object().contains("public") ? "public" : "private").as_object();
    for (const auto& entry : group.at("tests").as_array()) {
      const auto& test = entry.as_object();
      const std::int64_t id = test.at("tcId").as_int64();
      const std::string jws = text(test, "jws");
      const auto said = verdict(jose::read_compact(jws), key_of_test(keys, jws));
      INFO(name << " test " << id << ": " << text(test, "comment") << ", " << text(test, "result")
                << "; we say: " << said.message());
      ++seen;
      if (const auto difference = ours.find(id); difference != ours.end()) CHECK(said == difference->second);
      else CHECK(!said == (text(test, "result") == "valid"));
    }
  }
  CHECK(seen == file.at("numberOfTests").as_int64());
}

}  // namespace

TEST_CASE("Wycheproof: JWS", "[wycheproof]") {
  std::map<std::int64_t, std::error_code> ours;
  // RS384, RS512, PS384 and PS512 are none of our algorithms.
  for (const std::int64_t id : {264, 265, 266, 267, 268, 269, 270, 271, 320, 321, 322, 323, 325, 326, 327, 328})
    ours[id] = errc::unsupported_algorithm;
  // "valid" with a key whose own "alg" is another than the JWS's: PS256 beside PS384, and ES521, which is no algorithm.
  for (const std::int64_t id : {346, 347, 350, 351}) ours[id] = errc::wrong_key_type;
  // "valid" with a "?" within base64url. RFC 7515 section 2: "with all trailing '=' characters omitted [...] and without the
  // inclusion of any line breaks, whitespace, or other additional characters".
  for (const std::int64_t id : {372, 373}) ours[id] = errc::bad_base64url;
  // "invalid" for a padding that is not in the file: both are test 357, octet for octet, which is "valid".
  for (const std::int64_t id : {367, 370}) ours[id] = {};
  wycheproof_jose("json_web_signature", [](const json::object& key, const std::string&) { return json::serialize(key); }, ours);
}

TEST_CASE("Wycheproof: JWK", "[wycheproof]") { wycheproof_jose("json_web_key", named_key, {}); }

namespace {

/// A JWK of the cookbook, without its private part if it has one.
std::string cookbook_key(const json::value& key) {
  return json::serialize(text(key.as_object(), "kty") == "oct" ? key.as_object() : public_part(key.as_object()));
}

}  // namespace

TEST_CASE("RFC 7520 section 4: every JWS of the cookbook whose algorithm is ours", "[rfc7520]") {
  if (!present()) return;
  for (const char* name :
       {"4_1.rsa_v15_signature", "4_2.rsa-pss_signature", "4_3.ecdsa_signature", "4_4.hmac-sha2_integrity_protection",
        "4_5.signature_with_detached_content", "4_6.protecting_specific_header_fields", "4_7.protecting_content_only", "jws"}) {
    INFO(name);
    const auto file = read_json(shared / "rfc7520" / (std::string{name} + ".json"));
    const auto& input = file.at("input").as_object();
    const auto& output = file.at("output").as_object();
    const std::string key = cookbook_key(input.at("key"));
    const std::string payload = text(input, "payload");
    std::optional<bytes_view> detached;
    if (std::string_view{name}.starts_with("4_5.")) detached = as_bytes(payload);
    // section 4.2 has the one signature of the cookbook that sealring has no algorithm for: PS384
    const std::error_code expected = text(input, "alg") == "PS384" ? fail(errc::unsupported_algorithm) : std::error_code{};
    const auto flattened = jose::read_flattened(output.at("json_flat").as_object(), detached);
    CHECK(as_text(must(flattened).payload) == payload);
    CHECK(verdict(flattened, key) == expected);
    if (output.contains("compact")) CHECK(verdict(jose::read_compact(text(output, "compact"), detached), key) == expected);
    CHECK(refusal(jose::read_flattened(output.at("json").as_object(), detached)) == errc::bad_jws);  // the general form
  }
}

TEST_CASE("RFC 7520 section 4.8: three signatures over one payload, one by one", "[rfc7520]") {
  if (!present()) return;
  const auto file = read_json(shared / "rfc7520" / "4_8.multiple_signatures.json");
  const auto& general = file.at("output").at("json").as_object();
  const auto& keys = file.at("input").at("key").as_array();
  REQUIRE(keys.size() == general.at("signatures").as_array().size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    auto one = general.at("signatures").as_array().at(i).as_object();
    one["payload"] = general.at("payload");
    CHECK(verdict(jose::read_flattened(one), cookbook_key(keys[i])) == std::error_code{});
  }
}

TEST_CASE("RFC 7520 section 3: public keys are read, private and symmetric ones are not", "[rfc7520]") {
  if (!present()) return;
  const auto kind = [](const char* name) {
    const auto read = jose::read_jwk(read_json(shared / "rfc7520" / (std::string{name} + ".json")));
    return read ? kind_of(read->key) : read.error().message();
  };
  const std::string secret = make_error_code(errc::secret_in_jwk).message();
  CHECK(kind("3_1.ec_public_key") == "p521");
  CHECK(kind("3_2.ec_private_key") == secret);
  CHECK(kind("3_3.rsa_public_key") == "rsa2048");
  CHECK(kind("3_4.rsa_private_key") == secret);
  CHECK(kind("3_5.symmetric_key_mac_computation") == secret);
  CHECK(kind("3_6.symmetric_key_encryption") == secret);
}

TEST_CASE("RFC 7520 section 4.1: the RSA signature is reproduced", "[rfc7520]") {
  if (!present()) return;
  const auto file = read_json(shared / "rfc7520" / "4_1.rsa_v15_signature.json");
  const auto key = must(software_key<rs256>::from(private_key(file.at("input").at("key").as_object()).get()));
  const auto& signing = file.at("signing").as_object();
  CHECK(must(sign(key, as_bytes(text(signing, "sig-input")))) == octets(signing, "sig"));
}

}  // namespace sealring::test

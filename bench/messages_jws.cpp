// One ACME request as a flattened JWS with ES256: four header members, 205 octets of payload. "unsigned" has a constant for its
// signature, and nothing is hashed; "HS256" is a library's own path with a cheap signature, where it lets out no other.
#include "messages.hpp"
#include "sealring/jose/jws.hpp"
#include "sealring/software_key.hpp"

#include <cjose/cjose.h>
extern "C" {  // it does not say so itself
#include <jose/b64.h>
#include <jose/jws.h>
}
#include <openssl/core_names.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <cstdlib>
#include <memory>

namespace bench {
namespace {

using namespace sealring;

constexpr char kid[] = "https://ca.example/acme/acct/1234567890";
constexpr char nonce[] = "oFvnlFP1wIhRlYS2jTaXbA3ThmAYY6ODuSPhQqGXwzE";
constexpr char url[] = "https://ca.example/acme/new-order";

const std::string& payload() {
  static const std::string text = R"({"identifiers":[{"type":"dns","value":"www.example.com"},)"
                                  R"({"type":"dns","value":"example.com"},{"type":"dns","value":"mail.example.com"},)"
                                  R"({"type":"dns","value":"intranet.example.com"}],"profile":"tlsserver"})";
  return text;
}

const software_key<es256>& key() {
  static const auto made = software_key<es256>::generate().value();
  return made;
}

/// Signs by a constant, and is given the message rather than its digest.
struct constant_signer {
  using algorithm_type = es256;
  const ec_public_key<p256>& public_key() const noexcept { return key().public_key(); }
  result<fixed_bytes<64>> sign(const digest<sha256>&) const { return fixed_bytes<64>{}; }
  result<fixed_bytes<64>> sign_message(message) const { return fixed_bytes<64>{}; }
};

fixed_bytes<64> sign_es256(std::string_view input) { return sign(key(), as_bytes(input)).value(); }
fixed_bytes<64> sign_nothing(std::string_view) { return {}; }

template <class S>
std::size_t ours(const S& signer) {
  return jose::sign_flattened(jose::with_kid{signer, kid}, {.nonce = nonce, .url = url}, payload()).value().size();
}

// libcrypto's base64, its alphabet changed and its padding taken off.
std::size_t encode(char* out, const void* data, std::size_t size) {
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out), static_cast<const unsigned char*>(data), static_cast<int>(size));
  const std::size_t length = base64url_size(size);
  for (std::size_t i = 0; i < length; ++i) out[i] = out[i] == '+' ? '-' : out[i] == '/' ? '_' : out[i];
  out[length] = '\0';
  return length;
}

template <auto Sign>
std::size_t by_hand() {
  char header[512], input[1024], signature[96], jws[2048];
  const int size =
      std::snprintf(header, sizeof header, R"({"alg":"ES256","kid":"%s","nonce":"%s","url":"%s"})", kid, nonce, url);
  const std::size_t dot = encode(input, header, static_cast<std::size_t>(size));
  input[dot] = '.';
  const std::size_t end = dot + 1 + encode(input + dot + 1, payload().data(), payload().size());
  const auto raw = Sign({input, end});
  encode(signature, raw.data(), raw.size());
  return static_cast<std::size_t>(std::snprintf(jws, sizeof jws, R"({"protected":"%.*s","payload":"%s","signature":"%s"})",
                                                static_cast<int>(dot), input, input + dot + 1, signature));
}

template <auto Sign>
std::size_t by_nlohmann() {
  const nlohmann::json header{{"alg", "ES256"}, {"kid", kid}, {"nonce", nonce}, {"url", url}};
  const std::string protected_header = base64url_encode(header.dump());
  const std::string encoded = base64url_encode(payload());
  const nlohmann::json jws{{"protected", protected_header},
                           {"payload", encoded},
                           {"signature", base64url_encode(Sign(protected_header + '.' + encoded))}};
  return jws.dump().size();
}

// The private key, which the two C libraries want as a JWK.
std::string private_jwk() {
  const detail::evp_pkey pkey{EVP_EC_gen("P-256")};
  const auto any = detail::public_key_of_evp(pkey.get()).value();
  fixed_bytes<32> d{};
  BIGNUM* scalar = nullptr;
  EVP_PKEY_get_bn_param(pkey.get(), OSSL_PKEY_PARAM_PRIV_KEY, &scalar);
  BN_bn2binpad(scalar, d.data(), static_cast<int>(d.size()));
  BN_free(scalar);
  std::string jwk = jose::to_jwk(any);
  jwk.pop_back();
  return jwk + R"(,"d":")" + base64url_encode(d) + "\"}";
}
constexpr char secret_jwk[] =
    R"({"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"})";

std::size_t by_cjose(const char* alg, const std::string& jwk) {  // compact only
  static std::string imported;
  static cjose_jwk_t* key = nullptr;
  if (imported != jwk) key = cjose_jwk_import(jwk.data(), jwk.size(), nullptr), imported = jwk;
  cjose_header_t* header = cjose_header_new(nullptr);
  cjose_header_set(header, CJOSE_HDR_ALG, alg, nullptr);
  cjose_header_set(header, CJOSE_HDR_KID, kid, nullptr);
  cjose_header_set(header, "nonce", nonce, nullptr);
  cjose_header_set(header, "url", url, nullptr);
  cjose_jws_t* jws =
      cjose_jws_sign(key, header, reinterpret_cast<const std::uint8_t*>(payload().data()), payload().size(), nullptr);
  const char* text = nullptr;
  if (jws == nullptr || !cjose_jws_export(jws, &text, nullptr)) std::abort();
  const std::size_t size = std::string_view{text}.size();
  cjose_jws_release(jws);
  cjose_header_release(header);
  return size;
}

std::size_t by_libjose(const char* alg, const std::string& jwk) {
  static std::string imported;
  static json_t* key = nullptr;
  if (imported != jwk) key = json_loads(jwk.c_str(), 0, nullptr), imported = jwk;
  json_t* jws = json_pack("{s:o}", "payload", jose_b64_enc(payload().data(), payload().size()));
  json_t* parameters = json_pack("{s:{s:s,s:s,s:s,s:s}}", "protected", "alg", alg, "kid", kid, "nonce", nonce, "url", url);
  if (!jose_jws_sig(nullptr, jws, parameters, key)) std::abort();
  char* text = json_dumps(jws, JSON_COMPACT);
  const std::size_t size = std::string_view{text}.size();
  std::free(text);
  json_decref(parameters);
  json_decref(jws);
  return size;
}

const std::string& es256_jwk() {
  static const std::string jwk = private_jwk();
  return jwk;
}

constexpr message_row rows[] = {
    {"the signature alone", [] { return sign_es256(std::string(420, 'x')).size(); }},
    {"JWS sealring", [] { return ours(key()); }},
    {"JWS sealring, unsigned", [] { return ours(constant_signer{}); }},
    {"JWS by hand", by_hand<sign_es256>},
    {"JWS by hand, unsigned", by_hand<sign_nothing>},
    {"JWS nlohmann/json", by_nlohmann<sign_es256>},
    {"JWS nlohmann/json, unsigned", by_nlohmann<sign_nothing>},
    {"JWS cjose", [] { return by_cjose(CJOSE_HDR_ALG_ES256, es256_jwk()); }},
    {"JWS cjose, HS256", [] { return by_cjose(CJOSE_HDR_ALG_HS256, secret_jwk); }},
    {"JWS libjose", [] { return by_libjose("ES256", es256_jwk()); }},
    {"JWS libjose, HS256", [] { return by_libjose("HS256", secret_jwk); }},
};

}  // namespace

std::span<const message_row> jws_rows() { return rows; }

}  // namespace bench

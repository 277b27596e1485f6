// Reading test vectors: JSON files and the JWKs in them.
#pragma once

#include "sealring/base64url.hpp"
#include "sealring/public_key.hpp"

#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace sealring::test {

namespace json = boost::json;

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream in{path, std::ios::binary};
  if (!in) throw std::runtime_error{"cannot read " + path.string()};
  return {std::istreambuf_iterator<char>{in}, {}};
}

inline json::object read_json(const std::filesystem::path& path) { return json::parse(read_file(path)).as_object(); }

inline std::string text(const json::object& object, std::string_view member) {
  return std::string{object.at(member).as_string()};
}

/// A base64url member.
inline bytes octets(const json::object& object, std::string_view member) {
  return base64url_decode(text(object, member)).value();
}

template <std::size_t N>
fixed_bytes<N> fixed(const bytes& data) {
  if (data.size() != N) throw std::runtime_error{"wrong length"};
  fixed_bytes<N> out{};
  std::copy(data.begin(), data.end(), out.begin());
  return out;
}

template <class Curve>
ec_public_key<Curve> ec_point(const json::object& jwk) {
  return {fixed<Curve::size>(octets(jwk, "x")), fixed<Curve::size>(octets(jwk, "y"))};
}

inline any_public_key public_key(const json::object& jwk) {
  if (text(jwk, "kty") == "RSA") return rsa_public_key{octets(jwk, "n"), octets(jwk, "e")};
  const std::string crv = text(jwk, "crv");
  if (crv == "P-256") return ec_point<p256>(jwk);
  if (crv == "P-384") return ec_point<p384>(jwk);
  if (crv == "P-521") return ec_point<p521>(jwk);
  if (crv == "Ed25519") return ed25519_public_key{fixed<32>(octets(jwk, "x"))};
  throw std::runtime_error{"unknown curve " + crv};
}

/// A JWK without what is private in it.
inline json::object public_part(json::object jwk) {
  for (const char* name : {"d", "p", "q", "dp", "dq", "qi"}) jwk.erase(name);
  return jwk;
}

/// RSA or Ed25519: the keys whose signatures an RFC can print for others to reproduce.
inline detail::evp_pkey private_key(const json::object& jwk) {
  if (text(jwk, "kty") == "OKP") {
    const bytes d = octets(jwk, "d");
    return detail::evp_pkey{EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, d.data(), d.size())};
  }
  const std::pair<const char*, const char*> members[] = {
      {OSSL_PKEY_PARAM_RSA_N, "n"},          {OSSL_PKEY_PARAM_RSA_E, "e"},
      {OSSL_PKEY_PARAM_RSA_D, "d"},          {OSSL_PKEY_PARAM_RSA_FACTOR1, "p"},
      {OSSL_PKEY_PARAM_RSA_FACTOR2, "q"},    {OSSL_PKEY_PARAM_RSA_EXPONENT1, "dp"},
      {OSSL_PKEY_PARAM_RSA_EXPONENT2, "dq"}, {OSSL_PKEY_PARAM_RSA_COEFFICIENT1, "qi"}};
  const detail::owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> builder{OSSL_PARAM_BLD_new()};
  std::vector<detail::bignum> numbers;
  for (const auto& [parameter, member] : members) {
    const bytes value = octets(jwk, member);
    numbers.emplace_back(BN_bin2bn(value.data(), static_cast<int>(value.size()), nullptr));
    OSSL_PARAM_BLD_push_BN(builder.get(), parameter, numbers.back().get());
  }
  const detail::owned<OSSL_PARAM, OSSL_PARAM_free> parameters{OSSL_PARAM_BLD_to_param(builder.get())};
  const detail::evp_pkey_ctx ctx{EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr)};
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata_init(ctx.get()) != 1 || EVP_PKEY_fromdata(ctx.get(), &key, EVP_PKEY_KEYPAIR, parameters.get()) != 1)
    throw std::runtime_error{"EVP_PKEY_fromdata"};
  return detail::evp_pkey{key};
}

}  // namespace sealring::test

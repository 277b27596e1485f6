#include "agent/keeper/policy/jwk.hpp"

#include "sealring/base64url.hpp"
#include "sealring/digest.hpp"
#include "sealring/jose/jwk.hpp"

#include <boost/json/parse.hpp>

namespace sealring::agent::policy {
namespace {

// In the order of the hash: lexicographic.
std::vector<std::string_view> required_members(std::string_view kty) {
  if (kty == "EC") return {"crv", "kty", "x", "y"};
  if (kty == "RSA") return {"e", "kty", "n"};
  if (kty == "OKP") return {"crv", "kty", "x"};
  return {};
}

}  // namespace

bool is_jwk_of(const json::object& jwk, const any_public_key& key) {
  json::error_code ec;
  const json::value own = json::parse(jose::to_jwk(key), ec);
  return !ec && own.is_object() && own.get_object() == jwk;
}

result<std::string> thumbprint_of(const json::object& jwk) {
  const json::string* kty = string_member(jwk, "kty");
  const auto names = required_members(kty != nullptr ? std::string_view{kty->data(), kty->size()} : std::string_view{});
  if (names.empty() || jwk.size() != names.size())
    return fail(condition::bad_input, "a JWK must have the required members of its kty and no other");
  std::string text;
  for (const std::string_view name : names) {
    const json::string* value = string_member(jwk, name);
    if (value == nullptr) return fail(condition::bad_input, "the JWK lacks \"" + std::string{name} + "\"");
    (text += text.empty() ? '{' : ',') += jose::json_member(name, {value->data(), value->size()});
  }
  text += '}';
  const auto digest = hash<sha256>(as_bytes(text));
  if (!digest) return fail(digest.error(), "hashing a JWK");
  return base64url_encode(digest->view());
}

}  // namespace sealring::agent::policy

#pragma once

#include "sealring/jose/read_jwk.hpp"

#include "sealring/base64url.hpp"
#include "sealring/public_key.hpp"
#include "sealring/sound_key.hpp"

#include <boost/json/serialize.hpp>

namespace sealring::inline v0::jose {

namespace detail {

inline result<bytes> octets(const json::object& jwk, std::string_view name) {
  const auto text = required_text(jwk, name);
  if (!text) return text.error();
  return base64url_decode(*text);
}

inline result<any_public_key> read_rsa(const json::object& jwk) {
  auto n = octets(jwk, "n");
  if (!n) return n.error();
  auto e = octets(jwk, "e");
  if (!e) return e.error();
  return rsa_public_key{*std::move(n), *std::move(e)};
}

template <std::size_t N>
result<fixed_bytes<N>> octets_of_size(const json::object& jwk, std::string_view name) {
  const auto value = octets(jwk, name);
  if (!value) return value.error();
  if (value->size() != N) return fail(errc::bad_public_key);
  fixed_bytes<N> fixed{};
  std::ranges::copy(*value, fixed.begin());
  return fixed;
}

inline result<any_public_key> read_okp(const json::object& jwk) {
  const auto x = octets_of_size<32>(jwk, "x");
  if (!x) return x.error();
  return ed25519_public_key{*x};
}

/// RFC 7518 section 6.2.1.2: "The length of this octet string MUST be the full size of a coordinate for the curve"
template <class Curve>
result<any_public_key> read_ec(const json::object& jwk) {
  const auto x = octets_of_size<Curve::size>(jwk, "x");
  if (!x) return x.error();
  const auto y = octets_of_size<Curve::size>(jwk, "y");
  if (!y) return y.error();
  const ec_public_key<Curve> point{*x, *y};
  const auto spki = to_spki(point);
  if (!spki) return spki.error();
  return from_spki(*spki);  // which refuses points that are not on the curve
}

inline result<any_public_key> read_key(const json::object& jwk) {
  const auto kty = required_text(jwk, "kty");
  if (!kty) return kty.error();
  if (*kty == "RSA") return read_rsa(jwk);
  if (*kty != "EC" && *kty != "OKP") return fail(errc::unsupported_key);
  const auto crv = required_text(jwk, "crv");
  if (!crv) return crv.error();
  if (*kty == "OKP") return *crv == "Ed25519" ? read_okp(jwk) : fail(errc::unsupported_key);
  if (*crv == curve_name(p256{})) return read_ec<p256>(jwk);
  if (*crv == curve_name(p384{})) return read_ec<p384>(jwk);
  if (*crv == curve_name(p521{})) return read_ec<p521>(jwk);
  return fail(errc::unsupported_key);
}

/// Private members (RFC 7518 sections 6.2.2 and 6.3.2, RFC 8037 section 2), and the symmetric one (RFC 7518 section 6.4).
inline bool shows_secret(const json::object& jwk) {
  constexpr std::string_view names[] = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"};
  return std::ranges::any_of(names, [&jwk](std::string_view name) { return jwk.contains(name); });
}

inline result<std::optional<std::string>> take_text(json::object& jwk, std::string_view name) {
  const auto text = optional_text(jwk, name);
  if (!text) return text.error();
  if (!*text) return std::optional<std::string>{};
  std::optional<std::string> taken{std::in_place, **text};
  jwk.erase(name);
  return taken;
}

/// Section 4.3: "Duplicate key operation values MUST NOT be present in the array."
inline result<std::optional<std::vector<std::string>>> take_key_ops(json::object& jwk) {
  const json::value* value = jwk.if_contains("key_ops");
  if (value == nullptr) return std::optional<std::vector<std::string>>{};
  const json::array* array = value->if_array();
  if (array == nullptr) return fail(errc::bad_json);
  std::vector<std::string> operations;
  for (const json::value& element : *array) {
    const json::string* text = element.if_string();
    if (text == nullptr) return fail(errc::bad_json);
    operations.emplace_back(text->data(), text->size());
  }
  auto sorted = operations;
  std::ranges::sort(sorted);
  if (std::ranges::adjacent_find(sorted) != sorted.end()) return fail(errc::bad_json);
  jwk.erase("key_ops");
  return std::optional{std::move(operations)};
}

SEALRING_INLINE result<key_parameters> take_parameters(json::object jwk) {
  auto kid = take_text(jwk, "kid");
  if (!kid) return kid.error();
  auto use = take_text(jwk, "use");
  if (!use) return use.error();
  auto key_ops = take_key_ops(jwk);
  if (!key_ops) return key_ops.error();
  auto alg = take_text(jwk, "alg");
  if (!alg) return alg.error();
  const auto is_for_signatures = [](std::string_view operation) { return operation == "sign" || operation == "verify"; };
  if (*use == "sig" && *key_ops && !std::ranges::all_of(**key_ops, is_for_signatures)) return fail(errc::bad_json);
  if (*use == "enc" && *key_ops && std::ranges::any_of(**key_ops, is_for_signatures)) return fail(errc::bad_json);
  return key_parameters{*std::move(kid), *std::move(use), *std::move(key_ops), *std::move(alg), std::move(jwk)};
}

}  // namespace detail

SEALRING_INLINE result<jwk> read_jwk(json::object object) {
  if (detail::shows_secret(object)) return fail(errc::secret_in_jwk);
  auto key = detail::read_key(object);
  if (!key) return key.error();
  if (!is_sound(*key)) return fail(errc::bad_public_key);
  for (const char* name : {"kty", "crv", "x", "y", "n", "e"}) object.erase(name);
  auto parameters = detail::take_parameters(std::move(object));
  if (!parameters) return parameters.error();
  return jwk{*std::move(parameters), *std::move(key)};
}

SEALRING_INLINE result<jwk> read_jwk(std::string_view text) {
  auto object = read_object(text);
  if (!object) return object.error();
  return read_jwk(*std::move(object));
}

namespace detail {

inline json::array as_array(const std::vector<std::string>& texts) {
  json::array array;
  for (const std::string& text : texts) array.emplace_back(text);
  return array;
}

}  // namespace detail

SEALRING_INLINE std::string to_jwk(const jwk& key) {
  std::string text;
  object_writer out{text};
  detail::add_key(out, key.key);
  if (key.kid) out.text("kid", *key.kid);
  if (key.use) out.text("use", *key.use);
  if (key.key_ops) out.json("key_ops", json::serialize(detail::as_array(*key.key_ops)));
  if (key.alg) out.text("alg", *key.alg);
  for (const auto& member : key.other) out.json({member.key().data(), member.key().size()}, json::serialize(member.value()));
  out.close();
  return text;
}

}  // namespace sealring::inline v0::jose

// Sets of JWKs (RFC 7517 section 5), both ways.
#pragma once

#include "sealring/jose/read_jwk.hpp"

namespace sealring::inline v0::jose {

/// The keys that could be read.
struct jwk_set {
  /// Section 5.1: "The value of the "keys" parameter is an array of JWK values."
  std::vector<jwk> keys{};
  /// Section 5: "Additional members can be present in the JWK Set; if not understood by implementations encountering them, they
  /// MUST be ignored." Kept, and written again.
  json::object other{};

  /// The key of this name; nullptr if there is none, or if there are two, of which either may be meant.
  [[nodiscard]] const jwk* find(std::string_view kid) const {
    const auto is_it = [kid](const jwk& k) { return k.kid == kid; };
    const auto found = std::ranges::find_if(keys, is_it);
    return found != keys.end() && std::find_if(found + 1, keys.end(), is_it) == keys.end() ? &*found : nullptr;
  }
};

/// Keys that cannot be read are passed over. Section 5: "Implementations SHOULD ignore JWKs within a JWK Set that use "kty"
/// (key type) values that are not understood by them, that are missing required members, or for which values are out of the
/// supported ranges." But a set that shows a secret is refused whole: whoever made it meant to give out something else.
[[nodiscard]] inline result<jwk_set> read_jwk_set(std::string_view text) {
  auto object = read_object(text);
  if (!object) return object.error();
  json::value* keys = object->if_contains("keys");
  if (keys == nullptr || !keys->is_array()) return fail(errc::bad_json);
  jwk_set set;
  for (json::value& element : keys->get_array()) {
    if (!element.is_object()) return fail(errc::bad_json);
    if (auto one = read_jwk(std::move(element.get_object()))) set.keys.push_back(*std::move(one));
    else if (one.error() == errc::secret_in_jwk) return one.error();
  }
  object->erase("keys");
  set.other = *std::move(object);
  return set;
}

[[nodiscard]] inline std::string to_jwk_set(const jwk_set& set) {
  std::string keys = "[";
  for (const jwk& key : set.keys) (keys += keys.size() > 1 ? "," : "") += to_jwk(key);
  keys += ']';
  std::string text;
  object_writer out{text};
  out.json("keys", keys);
  for (const auto& member : set.other) out.json({member.key().data(), member.key().size()}, json::serialize(member.value()));
  out.close();
  return text;
}

}  // namespace sealring::inline v0::jose

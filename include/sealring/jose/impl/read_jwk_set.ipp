#pragma once

#include "sealring/jose/read_jwk_set.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace sealring::inline v0::jose {

SEALRING_INLINE result<jwk_set> read_jwk_set(std::string_view text) {
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

SEALRING_INLINE std::string to_jwk_set(const jwk_set& set) {
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

SEALRING_INLINE const jwk* jwk_set::find(std::string_view kid) const {
  const auto is_it = [kid](const jwk& k) { return k.kid == kid; };
  const auto found = std::ranges::find_if(keys, is_it);
  return found != keys.end() && std::find_if(found + 1, keys.end(), is_it) == keys.end() ? &*found : nullptr;
}

}  // namespace sealring::inline v0::jose

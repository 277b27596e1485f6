#pragma once

#include "sealring/jose/read_json.hpp"

#include <boost/json/parse.hpp>

#include <string>

namespace sealring::inline v0::jose {

namespace detail {

inline std::size_t members_within(const json::value& value) {
  std::size_t count = 0;
  if (const json::object* object = value.if_object()) {
    count = object->size();
    for (const auto& member : *object) count += members_within(member.value());
  } else if (const json::array* array = value.if_array()) {
    for (const json::value& element : *array) count += members_within(element);
  }
  return count;
}

/// Of a text that is known to be JSON.
inline std::size_t colons_outside_strings(std::string_view text) {
  std::size_t count = 0;
  bool inside = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (inside && text[i] == '\\') ++i;
    else if (text[i] == '"') inside = !inside;
    else if (!inside && text[i] == ':') ++count;
  }
  return count;
}

}  // namespace detail

SEALRING_INLINE result<json::object> read_object(std::string_view text) {
  if (text.size() > largest_text) return fail(errc::bad_json);
  boost::system::error_code ec;
  json::value value = json::parse(text, ec);
  if (ec || !value.is_object()) return fail(errc::bad_json);
  // Boost.JSON keeps the last of two members silently. But each member has a colon outside of strings, and nothing else has.
  if (detail::members_within(value) != detail::colons_outside_strings(text)) return fail(errc::bad_json);
  return std::move(value.get_object());
}

SEALRING_INLINE result<std::optional<std::string_view>> optional_text(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr) return std::optional<std::string_view>{};
  const json::string* text = value->if_string();
  if (text == nullptr) return fail(errc::bad_json);
  return std::optional<std::string_view>{{text->data(), text->size()}};
}

SEALRING_INLINE result<std::string_view> required_text(const json::object& object, std::string_view name) {
  const auto text = optional_text(object, name);
  if (!text) return text.error();
  if (!*text) return fail(errc::bad_json);
  return **text;
}

}  // namespace sealring::inline v0::jose

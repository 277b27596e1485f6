#pragma once

#include "sealring/acme/json.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace sealring::inline v0::acme {

SEALRING_INLINE sealring::result<json::object> parse_object(std::string_view body) {
  boost::system::error_code ec;
  json::value value = json::parse(body, ec);
  if (ec || !value.is_object()) return fail(sealring::errc::bad_json);
  return std::move(value.get_object());
}

SEALRING_INLINE std::string text(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  const json::string* string = value != nullptr ? value->if_string() : nullptr;
  return string != nullptr ? std::string{*string} : std::string{};
}

SEALRING_INLINE bool flag(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  const bool* boolean = value != nullptr ? value->if_bool() : nullptr;
  return boolean != nullptr && *boolean;
}

SEALRING_INLINE std::optional<std::int64_t> count(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  const std::int64_t* number = value != nullptr ? value->if_int64() : nullptr;
  return number != nullptr && *number >= 0 ? std::optional{*number} : std::nullopt;
}

SEALRING_INLINE const json::object* object(const json::object& outer, std::string_view name) {
  const json::value* value = outer.if_contains(name);
  return value != nullptr ? value->if_object() : nullptr;
}

SEALRING_INLINE std::vector<std::string> texts(const json::object& object, std::string_view name) {
  std::vector<std::string> out;
  const json::value* value = object.if_contains(name);
  const json::array* array = value != nullptr ? value->if_array() : nullptr;
  if (array == nullptr) return out;
  for (const json::value& element : *array)
    if (const json::string* string = element.if_string()) out.emplace_back(*string);
  return out;
}

namespace detail {

SEALRING_INLINE void set_text(json::object& object, std::string_view name, const std::string& value) {
  if (text(object, name) == value) return;
  if (value.empty()) object.erase(name);
  else object[name] = value;
}

SEALRING_INLINE void set_flag(json::object& object, std::string_view name, bool value) {
  if (flag(object, name) != value) object[name] = value;
}

SEALRING_INLINE void set_texts(json::object& object, std::string_view name, const std::vector<std::string>& values) {
  if (texts(object, name) == values) return;
  if (values.empty()) object.erase(name);
  else object[name] = json::array(values.begin(), values.end());
}

SEALRING_INLINE void set_object(json::object& outer, std::string_view name, const std::optional<json::object>& value) {
  if (value) outer[name] = *value;
  else if (object(outer, name) != nullptr) outer.erase(name);
}

SEALRING_INLINE void set_array(json::object& outer, std::string_view name, json::array written) {
  const auto as_it_is = objects(outer, name, [](const json::object& one) { return one; });
  if (std::ranges::equal(as_it_is, written, [](const json::object& a, const json::value& b) { return a == b.get_object(); }))
    return;
  if (written.empty()) outer.erase(name);
  else outer[name] = std::move(written);
}

}  // namespace detail

}  // namespace sealring::inline v0::acme

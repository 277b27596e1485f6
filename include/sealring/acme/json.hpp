// Reading JSON objects from a server that may send anything: every access says what it does when a member is missing or of the
// wrong type. And writing them back: each resource keeps the object that it was read from (`source`), and its to_json changes
// of that only what its members say otherwise. So what this toolkit has never heard of survives, and what nobody changed stays
// to the letter.
#pragma once

#include "sealring/result.hpp"

#include <boost/version.hpp>
#if BOOST_VERSION < 108100
#error "sealring needs Boost 1.81 (Boost.JSON): on Debian 12 install libboost-json1.81-dev"
#endif

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sealring::inline v0::acme {

namespace json = boost::json;

[[nodiscard]] inline result<json::object> parse_object(std::string_view body) {
  boost::system::error_code ec;
  json::value value = json::parse(body, ec);
  if (ec || !value.is_object()) return fail(errc::bad_json);
  return std::move(value.get_object());
}

/// The member's text; empty when it is absent or not a string.
[[nodiscard]] inline std::string text(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  const json::string* string = value != nullptr ? value->if_string() : nullptr;
  return string != nullptr ? std::string{*string} : std::string{};
}

[[nodiscard]] inline bool flag(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  const bool* boolean = value != nullptr ? value->if_bool() : nullptr;
  return boolean != nullptr && *boolean;
}

/// The member as an integer that is not negative; nothing when it is absent or anything else.
[[nodiscard]] inline std::optional<std::int64_t> count(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  const std::int64_t* number = value != nullptr ? value->if_int64() : nullptr;
  return number != nullptr && *number >= 0 ? std::optional{*number} : std::nullopt;
}

/// The member as an object, or nullptr.
[[nodiscard]] inline const json::object* object(const json::object& outer, std::string_view name) {
  const json::value* value = outer.if_contains(name);
  return value != nullptr ? value->if_object() : nullptr;
}

/// The strings of an array member; elements of other types are passed over.
[[nodiscard]] inline std::vector<std::string> texts(const json::object& object, std::string_view name) {
  std::vector<std::string> out;
  const json::value* value = object.if_contains(name);
  const json::array* array = value != nullptr ? value->if_array() : nullptr;
  if (array == nullptr) return out;
  for (const json::value& element : *array)
    if (const json::string* string = element.if_string()) out.emplace_back(*string);
  return out;
}

/// Calls `use(element)` for each object in an array member.
template <class Use>
void each_object(const json::object& object, std::string_view name, Use use) {
  const json::value* value = object.if_contains(name);
  const json::array* array = value != nullptr ? value->if_array() : nullptr;
  if (array == nullptr) return;
  for (const json::value& element : *array)
    if (const json::object* one = element.if_object()) use(*one);
}

/// The objects of an array member as `read` makes them.
template <class Read>
[[nodiscard]] auto objects(const json::object& object, std::string_view name, Read read) {
  std::vector<decltype(read(object))> out;
  each_object(object, name, [&](const json::object& one) { out.push_back(read(one)); });
  return out;
}

namespace detail {

/// Each of these makes the member read as `value`, and leaves alone one that does; what is empty has no member.
inline void set_text(json::object& object, std::string_view name, const std::string& value) {
  if (text(object, name) == value) return;
  if (value.empty()) object.erase(name);
  else object[name] = value;
}

inline void set_flag(json::object& object, std::string_view name, bool value) {
  if (flag(object, name) != value) object[name] = value;
}

inline void set_texts(json::object& object, std::string_view name, const std::vector<std::string>& values) {
  if (texts(object, name) == values) return;
  if (values.empty()) object.erase(name);
  else object[name] = json::array(values.begin(), values.end());
}

inline void set_object(json::object& outer, std::string_view name, const std::optional<json::object>& value) {
  if (value) outer[name] = *value;
  else if (object(outer, name) != nullptr) outer.erase(name);
}

/// What to_json makes of a value that is no longer what that object, if any, was read as.
template <class T>
std::optional<json::object> changed_object(const json::object* as_it_was, const std::optional<T>& value) {
  if (!value) return std::nullopt;
  return to_json(*value, as_it_was != nullptr ? *as_it_was : json::object{});
}

/// `write(value)` is the object of one.
template <class T, class Write>
void set_objects(json::object& outer, std::string_view name, const std::vector<T>& values, Write write) {
  json::array written;
  for (const T& one : values) written.emplace_back(write(one));
  const auto as_it_is = objects(outer, name, [](const json::object& one) { return one; });
  if (std::ranges::equal(as_it_is, written, [](const json::object& a, const json::value& b) { return a == b.get_object(); }))
    return;
  if (written.empty()) outer.erase(name);
  else outer[name] = std::move(written);
}

}  // namespace detail

}  // namespace sealring::inline v0::acme

// Reading JSON objects from a server that may send anything: every access says what it does when a member is missing or of the
// wrong type.
#pragma once

#include "sealring/result.hpp"

#include <boost/version.hpp>
#if BOOST_VERSION < 108100
#error "sealring needs Boost 1.81 (Boost.JSON): on Debian 12 install libboost-json1.81-dev"
#endif

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

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

}  // namespace sealring::inline v0::acme

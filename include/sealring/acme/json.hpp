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

#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sealring::inline v0::acme {

namespace json = boost::json;

[[nodiscard]] sealring::result<json::object> parse_object(std::string_view body);

/// The member's text; empty when it is absent or not a string.
[[nodiscard]] std::string text(const json::object& object, std::string_view name);

[[nodiscard]] bool flag(const json::object& object, std::string_view name);

/// The member as an integer that is not negative; nothing when it is absent or anything else.
[[nodiscard]] std::optional<std::int64_t> count(const json::object& object, std::string_view name);

/// The member as an object, or nullptr.
[[nodiscard]] const json::object* object(const json::object& outer, std::string_view name);

/// The strings of an array member; elements of other types are passed over.
[[nodiscard]] std::vector<std::string> texts(const json::object& object, std::string_view name);

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
void set_text(json::object& object, std::string_view name, const std::string& value);

void set_flag(json::object& object, std::string_view name, bool value);

void set_texts(json::object& object, std::string_view name, const std::vector<std::string>& values);

void set_object(json::object& outer, std::string_view name, const std::optional<json::object>& value);

/// Of objects alone.
void set_array(json::object& outer, std::string_view name, json::array written);

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
  set_array(outer, name, std::move(written));
}

}  // namespace detail

}  // namespace sealring::inline v0::acme

#ifndef SEALRING_COMPILED
#include "sealring/acme/impl/json.ipp"
#endif

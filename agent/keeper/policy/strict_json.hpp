// JSON that has one meaning: what another reader might take otherwise is refused.
#pragma once

#include "agent/failure.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <initializer_list>
#include <string_view>

namespace sealring::agent::policy {

namespace json = boost::json;

/// One JSON object (RFC 8259) and nothing behind it. Refused besides what is no JSON: two members of one name or of names that
/// differ only in ASCII case, invalid UTF-8, numbers that are no integers, more than four levels.
[[nodiscard]] result<json::object> parse_strict_object(std::string_view);

/// Whether each of the object's members is one of these.
[[nodiscard]] bool only_members(const json::object&, std::initializer_list<std::string_view> known);

/// The member if it is a string, or nullptr.
[[nodiscard]] const json::string* string_member(const json::object&, std::string_view name);

}  // namespace sealring::agent::policy

// Reading JSON that has one meaning: a JWS or a JWK must not say one thing to us and another to the next reader.
#pragma once

#include "sealring/result.hpp"

#include <boost/json/value.hpp>

#include <optional>
#include <string_view>

namespace sealring::inline v0::jose {

namespace json = boost::json;

/// Longer texts are not read, be it JSON or a JWS: 1 MiB.
inline constexpr std::size_t largest_text = std::size_t{1} << 20;

/// One JSON object (RFC 8259) and nothing behind it, at most 32 levels deep. Two members of one name are refused, at any level:
/// RFC 7515 section 5.2 wants them refused or the last one taken, and who checked the first must not meet the last.
[[nodiscard]] result<json::object> read_object(std::string_view text);

/// A member that must be a string where it is there at all.
[[nodiscard]] result<std::optional<std::string_view>> optional_text(const json::object& object, std::string_view name);

/// A member that must be there, as a string.
[[nodiscard]] result<std::string_view> required_text(const json::object& object, std::string_view name);

}  // namespace sealring::inline v0::jose

#ifndef SEALRING_COMPILED
#include "sealring/jose/impl/read_json.ipp"
#endif

// Writing JSON needs no library: this much is enough for JOSE. (Reading it does: see acme/json.hpp.)
#pragma once

#include "sealring/bytes.hpp"

namespace sealring::inline v0::jose {

/// A JSON string with its quotes (RFC 8259 section 7).
[[nodiscard]] inline std::string json_string(std::string_view text) {
  static constexpr char hex[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') (out += '\\') += c;
    else if (u < 0x20) ((out += "\\u00") += hex[u >> 4]) += hex[u & 15];
    else out += c;
  }
  return out += '"';
}

/// `"name":"value"`, without a comma.
[[nodiscard]] inline std::string json_member(std::string_view name, std::string_view value) {
  return json_string(name) + ':' + json_string(value);
}

}  // namespace sealring::inline v0::jose

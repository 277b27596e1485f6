// Text for people: names in quotation marks, and the word that was probably meant.
#pragma once

#include "sealring/bytes.hpp"

namespace sealring::agent {

/// The text as a TOML basic string, which is how messages show a name too.
[[nodiscard]] std::string quote(std::string_view);

/// The text with "?" for each control character: what a stranger wrote cannot break the line or move a terminal's cursor.
[[nodiscard]] std::string one_line(std::string_view);

/// The text as a value in openssl.cnf (config(5)).
[[nodiscard]] std::string openssl_value(std::string_view);

[[nodiscard]] std::string to_hex(bytes_view);
/// Of lower-case digits, two a byte.
[[nodiscard]] bytes from_hex(std::string_view);

/// The known word that `word` is a likely slip of; empty if none is near.
[[nodiscard]] std::string_view nearest(std::string_view word, const std::vector<std::string_view>& known);

}  // namespace sealring::agent

// Text on the wire: UTF-8 (RFC 3629) without control characters, since it ends in logs and on terminals.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sealring::inline v0::wire {

[[nodiscard]] bool is_text(std::string_view) noexcept;

/// The same, made fit: what is not text becomes '?', and the end is cut off after `limit` bytes, between two characters.
[[nodiscard]] std::string to_text(std::string_view, std::size_t limit);

/// May a key be called that? At most 128 of [A-Za-z0-9._*@-]; none at all is the name of no key.
[[nodiscard]] bool is_name(std::string_view) noexcept;

}  // namespace sealring::inline v0::wire

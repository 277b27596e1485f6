// Text in the audit log: what strangers wrote (a process's name, a cgroup) made harmless, and JSON strings in their one form.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sealring::agent::audit {

/// Printable ASCII without quotes and backslashes: harmless, and its own JSON form. Most text is.
[[nodiscard]] bool is_plain(std::string_view);

/// Valid UTF-8 of at most `limit` bytes: U+FFFD for each byte that is none, "..." at the end where it was cut.
[[nodiscard]] std::string harmless(std::string_view, std::size_t limit);

/// Appends harmless text as a JSON string (RFC 8259 section 7). What a terminal or a reader's eye might take for more than text
/// (control characters, line separators, direction marks, invisible ones) is written as \u and four digits.
void append_quoted(std::string& out, std::string_view);

/// Takes such a string off the front; nothing if there is none. Other ways to write it pass: whoever needs its one form writes
/// it again and compares.
[[nodiscard]] std::optional<std::string> take_quoted(std::string_view& rest);

}  // namespace sealring::agent::audit

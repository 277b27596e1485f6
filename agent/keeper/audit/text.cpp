#include "agent/keeper/audit/text.hpp"

#include <algorithm>
#include <charconv>

namespace sealring::agent::audit {
namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";
constexpr std::string_view ellipsis = "...";

struct character {
  char32_t code;
  std::size_t length;  // 0: not UTF-8
};

// RFC 3629: the shortest form only, no surrogates, nothing above U+10FFFF.
character first_of(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xf0 && lead < 0xf5   ? 4
                             : lead >= 0xe0 && lead < 0xf0 ? 3
                             : lead >= 0xc2 && lead < 0xe0 ? 2
                                                           : 0;
  if (length == 0 || text.size() < length) return {0, 0};
  char32_t code = lead & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {0, 0};
    code = (code << 6) | (byte(i) & 0x3f);
  }
  const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  const bool surrogate = code >= 0xd800 && code < 0xe000;
  if (overlong || surrogate || code > 0x10ffff) return {0, 0};
  return {code, length};
}

constexpr bool is_plain(char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; }

bool is_escaped(char32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0xad || code == 0x61c || (code >= 0x200b && code <= 0x200f) ||
         (code >= 0x2028 && code <= 0x202e) || (code >= 0x2060 && code <= 0x2069) || code == 0xfeff;
}

void append_utf8(std::string& out, char32_t code) {
  const auto tail = [&](unsigned shift) { out += static_cast<char>(0x80 | ((code >> shift) & 0x3f)); };
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | (code >> 6));
    tail(0);
  } else {
    out += static_cast<char>(0xe0 | (code >> 12));
    tail(6);
    tail(0);
  }
}

// After "\u": a character of the Basic Multilingual Plane.
bool take_escape(std::string_view& rest, std::string& out) {
  unsigned code = 0;
  const std::string digits{rest.substr(0, 4)};
  const char* const last = digits.data() + digits.size();
  const auto end = std::from_chars(digits.data(), last, code, 16);
  if (digits.size() != 4 || end.ec != std::errc{} || end.ptr != last || (code >= 0xd800 && code < 0xe000)) return false;
  append_utf8(out, code);
  rest.remove_prefix(4);
  return true;
}

}  // namespace

bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return is_plain(c); });
}

std::string harmless(std::string_view text, std::size_t limit) {
  std::string out;
  // Bytes never become fewer, so what lies further on could not be kept.
  for (auto rest = text.substr(0, limit + 4); !rest.empty();) {
    const std::size_t length = first_of(rest).length;
    out += length == 0 ? replacement : rest.substr(0, length);
    rest.remove_prefix(length == 0 ? 1 : length);
  }
  if (out.size() <= limit) return out;
  std::size_t keep = limit - ellipsis.size();
  while (keep > 0 && (static_cast<unsigned char>(out[keep]) & 0xc0) == 0x80) --keep;
  out.resize(keep);
  return out += ellipsis;
}

void append_quoted(std::string& out, std::string_view text) {
  static constexpr char hex[] = "0123456789abcdef";
  out += '"';
  while (!text.empty()) {
    const auto plain =
        static_cast<std::size_t>(std::ranges::find_if_not(text, [](char c) { return is_plain(c); }) - text.begin());
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const auto [code, length] = first_of(text);
    if (code == '"' || code == '\\') (out += '\\') += static_cast<char>(code);
    else if (length == 0) out += replacement;
    else if (is_escaped(code)) out += {'\\', 'u', hex[code >> 12], hex[code >> 8 & 15], hex[code >> 4 & 15], hex[code & 15]};
    else out += text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out += '"';
}

std::optional<std::string> take_quoted(std::string_view& rest) {
  if (!rest.starts_with('"')) return std::nullopt;
  rest.remove_prefix(1);
  std::string out;
  while (!rest.empty()) {
    const char c = rest.front();
    rest.remove_prefix(1);
    if (c == '"') return out;
    if (c != '\\') {
      out += c;
      continue;
    }
    if (rest.empty()) return std::nullopt;
    const char escaped = rest.front();
    rest.remove_prefix(1);
    if (escaped == '"' || escaped == '\\') out += escaped;
    else if (escaped != 'u' || !take_escape(rest, out)) return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace sealring::agent::audit

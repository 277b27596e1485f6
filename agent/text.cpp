#include "agent/text.hpp"

#include <algorithm>
#include <numeric>

namespace sealring::agent {
namespace {

// Levenshtein's distance, one row of its table at a time.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

// C0, DEL, and C1 in UTF-8: a terminal may take U+009B for the start of an escape sequence. 0 if it is none, else its length.
std::size_t control_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(0) < 0x20 || byte(0) == 0x7f) return 1;
  return text.size() > 1 && byte(0) == 0xc2 && byte(1) >= 0x80 && byte(1) < 0xa0 ? 2 : 0;
}

// Calls `control` with the code point of each control character, `other` with every other byte.
template <class C, class O>
void each_character(std::string_view text, C control, O other) {
  while (!text.empty()) {
    const std::size_t length = control_length(text);
    if (length == 0) {
      other(text.front());
    } else {
      control(static_cast<unsigned char>(text[length - 1]));
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
}

}  // namespace

std::string quote(std::string_view text) {
  static constexpr char hex[] = "0123456789ABCDEF";
  std::string out = "\"";
  const auto escape = [&](unsigned char c) { out += {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}; };
  const auto copy = [&](char c) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  };
  each_character(text, escape, copy);
  return out += '"';
}

std::string openssl_value(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view{"\\$\"'`#"}.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

std::string one_line(std::string_view text) {
  std::string out;
  each_character(text, [&](unsigned char) { out += '?'; }, [&](char c) { out += c; });
  return out;
}

std::string to_hex(bytes_view data) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * data.size());
  for (const std::uint8_t byte : data) (text += digits[byte >> 4]) += digits[byte & 15];
  return text;
}

bytes from_hex(std::string_view text) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  bytes data;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    data.push_back(static_cast<std::uint8_t>(digit(text[i]) * 16 + digit(text[i + 1])));
  return data;
}

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& known) {
  std::string_view best;
  // A slip changes less than half of a word, and at most three letters.
  std::size_t limit = std::min<std::size_t>(word.size() / 2 + 1, 4);
  if (word.size() > 64) return best;
  for (const auto candidate : known) {
    if (const std::size_t d = distance(word, candidate); d < limit) {
      limit = d;
      best = candidate;
    }
  }
  return best;
}

}  // namespace sealring::agent

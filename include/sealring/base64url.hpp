// base64url without padding (RFC 4648 section 5 as RFC 7515 section 2 narrows it).
//
// Decoding is strict: no padding, no white space, no foreign character, and the unused bits of the last character are zero, so
// that every byte string has exactly one text.
#pragma once

#include "sealring/bytes.hpp"
#include "sealring/result.hpp"

namespace sealring::inline v0 {

inline std::string base64url_encode(bytes_view data) {
  static constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  text.reserve((data.size() * 4 + 2) / 3);
  std::uint32_t window = 0;
  unsigned bits = 0;
  for (const std::uint8_t byte : data) {
    window = (window << 8) | byte;
    for (bits += 8; bits >= 6; bits -= 6) text.push_back(alphabet[(window >> (bits - 6)) & 63]);
  }
  if (bits > 0) text.push_back(alphabet[(window << (6 - bits)) & 63]);
  return text;
}

inline std::string base64url_encode(std::string_view text) { return base64url_encode(as_bytes(text)); }

namespace detail {

/// The six bits a character stands for, or -1.
constexpr int base64url_value(char c) noexcept {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '-') return 62;
  if (c == '_') return 63;
  return -1;
}

}  // namespace detail

/// `Bytes` is any container of bytes: `secret_bytes` for a secret.
template <class Bytes = bytes>
[[nodiscard]] result<Bytes> base64url_decode(std::string_view text) {
  if (text.size() % 4 == 1) return fail(errc::bad_base64url);
  Bytes data;
  data.reserve(text.size() * 3 / 4);
  std::uint32_t window = 0;
  unsigned bits = 0;
  for (const char c : text) {
    const int value = detail::base64url_value(c);
    if (value < 0) return fail(errc::bad_base64url);
    window = (window << 6) | static_cast<std::uint32_t>(value);
    if ((bits += 6) < 8) continue;
    bits -= 8;
    data.push_back(static_cast<std::uint8_t>(window >> bits));
  }
  if ((window & ((1U << bits) - 1)) != 0) return fail(errc::bad_base64url);
  return data;
}

}  // namespace sealring::inline v0

// base64url without padding (RFC 4648 section 5 as RFC 7515 section 2 narrows it).
//
// Decoding is strict: no padding, no white space, no foreign character, and the unused bits of the last character are zero, so
// that every byte string has exactly one text.
#pragma once

#include "sealring/bytes.hpp"
#include "sealring/result.hpp"

namespace sealring::inline v0 {

/// The length of the text for so many octets.
[[nodiscard]] constexpr std::size_t base64url_size(std::size_t octets) noexcept {
  return octets / 3 * 4 + (octets % 3 * 4 + 2) / 3;
}

/// Encodes at the end of a text, in which there may be room already.
inline void base64url_append(std::string& text, bytes_view data) {
  static constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const std::size_t before = text.size();
  text.resize(before + base64url_size(data.size()));
  char* out = text.data() + before;
  const std::uint8_t* in = data.data();
  for (const std::uint8_t* const last = in + data.size() / 3 * 3; in != last; in += 3) {
    *out++ = alphabet[in[0] >> 2];
    *out++ = alphabet[(in[0] << 4 | in[1] >> 4) & 63];
    *out++ = alphabet[(in[1] << 2 | in[2] >> 6) & 63];
    *out++ = alphabet[in[2] & 63];
  }
  if (data.size() % 3 == 0) return;
  const std::uint8_t second = data.size() % 3 == 2 ? in[1] : 0;
  *out++ = alphabet[in[0] >> 2];
  *out++ = alphabet[(in[0] << 4 | second >> 4) & 63];
  if (data.size() % 3 == 2) *out++ = alphabet[(second << 2) & 63];
}

[[nodiscard]] inline std::string base64url_encode(bytes_view data) {
  std::string text;
  base64url_append(text, data);
  return text;
}

[[nodiscard]] inline std::string base64url_encode(std::string_view text) { return base64url_encode(as_bytes(text)); }

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
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    data.push_back(static_cast<std::uint8_t>(window >> bits));
  }
  if ((window & ((1U << bits) - 1)) != 0) return fail(errc::bad_base64url);
  return data;
}

}  // namespace sealring::inline v0

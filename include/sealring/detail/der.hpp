// Writing DER (X.690): an element at a time, without libcrypto's objects, whose making costs many times the writing.
#pragma once

#include "sealring/bytes.hpp"

#include <bit>
#include <initializer_list>

namespace sealring::inline v0::detail {

inline constexpr std::uint8_t der_sequence = 0x30;
inline constexpr std::uint8_t der_set = 0x31;

/// An element of the contents in `parts`, behind what `out` has.
inline void append_der(bytes& out, std::uint8_t tag, std::initializer_list<bytes_view> parts) {
  std::size_t size = 0;
  for (const bytes_view part : parts) size += part.size();
  out.push_back(tag);
  if (size < 0x80) {
    out.push_back(static_cast<std::uint8_t>(size));
  } else {  // the long form: how many octets the length has, and these (section 8.1.3.5)
    auto octets = (static_cast<unsigned>(std::bit_width(size)) + 7) / 8;
    out.push_back(static_cast<std::uint8_t>(0x80 | octets));
    while (octets-- > 0) out.push_back(static_cast<std::uint8_t>(size >> (8 * octets)));
  }
  for (const bytes_view part : parts) out.insert(out.end(), part.begin(), part.end());
}

inline bytes der_element(std::uint8_t tag, std::initializer_list<bytes_view> parts) {
  std::size_t size = 2 + sizeof(std::size_t);
  for (const bytes_view part : parts) size += part.size();
  bytes out;
  out.reserve(size);
  append_der(out, tag, parts);
  return out;
}

}  // namespace sealring::inline v0::detail

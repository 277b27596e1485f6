// Reading DER (X.690) element by element: definite lengths in their shortest form, tags of one octet.
#pragma once

#include "sealring/bytes.hpp"

#include <optional>

namespace sealring::inline v0::der {

inline constexpr std::uint8_t boolean = 0x01, integer = 0x02, bit_string = 0x03, octet_string = 0x04, object_identifier = 0x06,
                              utf8_string = 0x0c, printable_string = 0x13, sequence = 0x30, set = 0x31;

/// IMPLICIT context tags.
inline constexpr std::uint8_t constructed(std::uint8_t number) { return static_cast<std::uint8_t>(0xa0 | number); }
inline constexpr std::uint8_t primitive(std::uint8_t number) { return static_cast<std::uint8_t>(0x80 | number); }

struct element {
  std::uint8_t tag = 0;
  bytes_view content;
  bytes_view whole;  ///< with tag and length
};

class reader {
public:
  explicit reader(bytes_view data) noexcept : rest_{data} {}

  [[nodiscard]] bool done() const noexcept { return rest_.empty(); }

  /// The next element whatever it is; nothing where there is none that is whole and canonical.
  [[nodiscard]] std::optional<element> next() noexcept {
    if (rest_.size() < 2 || (rest_[0] & 0x1f) == 0x1f) return std::nullopt;
    std::size_t header = 2, length = rest_[1];
    if (length >= 0x80) {
      const std::size_t octets = length & 0x7f;
      if (octets == 0 || octets > 3 || rest_.size() < 2 + octets || rest_[2] == 0) return std::nullopt;
      for (length = 0; header < 2 + octets; ++header) length = length << 8 | rest_[header];
      if (length < 0x80) return std::nullopt;
    }
    if (rest_.size() - header < length) return std::nullopt;
    const element e{rest_[0], rest_.subspan(header, length), rest_.first(header + length)};
    rest_ = rest_.subspan(header + length);
    return e;
  }

  /// The next element if it has this tag.
  [[nodiscard]] std::optional<element> next(std::uint8_t tag) noexcept {
    if (done() || rest_[0] != tag) return std::nullopt;
    return next();
  }

private:
  bytes_view rest_;
};

/// The content if the data is one element of this tag and nothing else.
[[nodiscard]] inline std::optional<bytes_view> only(std::uint8_t tag, bytes_view data) noexcept {
  reader r{data};
  const auto e = r.next(tag);
  if (!e || !r.done()) return std::nullopt;
  return e->content;
}

/// Whether the data is a run of whole elements, looked at from outside.
[[nodiscard]] inline bool is_series(bytes_view data) noexcept {
  reader r{data};
  while (!r.done())
    if (!r.next()) return false;
  return true;
}

}  // namespace sealring::inline v0::der

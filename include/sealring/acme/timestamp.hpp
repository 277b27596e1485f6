// Timestamps as ACME writes them (RFC 3339 section 5.6).
#pragma once

#include "sealring/config.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace sealring::inline v0::acme {

namespace detail {

/// Whether `text` looks like `shape`: a digit for each 0, either case of a letter, and all else as it stands.
constexpr bool has_shape(std::string_view text, std::string_view shape) noexcept {
  const auto fits = [](char c, char s) {
    if (s == '0') return c >= '0' && c <= '9';
    return c == s || (s >= 'A' && s <= 'Z' && c == s - 'A' + 'a');
  };
  return std::ranges::equal(text, shape, fits);
}

constexpr int digits(std::string_view text, std::size_t at, std::size_t count) noexcept {
  int value = 0;
  for (const char c : text.substr(at, count)) value = value * 10 + (c - '0');
  return value;
}

/// From UTC, from "Z" or "+01:00"; nothing where it is neither.
constexpr std::optional<std::chrono::minutes> parse_offset(std::string_view text) noexcept {
  if (has_shape(text, "Z")) return std::chrono::minutes{0};
  if (!has_shape(text, "+00:00") && !has_shape(text, "-00:00")) return std::nullopt;
  const int hour = digits(text, 1, 2);
  const int minute = digits(text, 4, 2);
  if (hour > 23 || minute > 59) return std::nullopt;
  const std::chrono::minutes east{hour * 60 + minute};
  return text.front() == '-' ? -east : east;
}

}  // namespace detail

/// In whole seconds, a fraction dropped. A leap second is the second after it, and is believed only where one can be: at the
/// end of a month in UTC (section 5.7).
[[nodiscard]] constexpr std::optional<std::chrono::sys_seconds> parse_timestamp(std::string_view text) noexcept {
  constexpr std::string_view shape = "0000-00-00T00:00:00";
  if (!detail::has_shape(text.substr(0, shape.size()), shape)) return std::nullopt;
  std::string_view rest = text.substr(shape.size());
  if (rest.starts_with('.')) {
    const std::size_t end = rest.find_first_not_of("0123456789", 1);
    if (end == 1 || end == std::string_view::npos) return std::nullopt;
    rest.remove_prefix(end);
  }
  const auto offset = detail::parse_offset(rest);
  using namespace std::chrono;
  const year_month_day date{year{detail::digits(text, 0, 4)}, month{static_cast<unsigned>(detail::digits(text, 5, 2))},
                            day{static_cast<unsigned>(detail::digits(text, 8, 2))}};
  const hours hour{detail::digits(text, 11, 2)};
  const minutes minute{detail::digits(text, 14, 2)};
  const seconds second{detail::digits(text, 17, 2)};
  if (!offset || !date.ok() || hour > hours{23} || minute > minutes{59} || second > seconds{60}) return std::nullopt;
  const sys_seconds time = sys_days{date} + hour + minute + second - *offset;
  const auto midnight = floor<days>(time);
  if (second == seconds{60} && (time != midnight || year_month_day{midnight}.day() != day{1})) return std::nullopt;
  return time;
}

/// In UTC: "2016-01-01T00:00:00Z". Of the years 0 to 9999, the only ones there are (section 5.6).
[[nodiscard]] std::string format_timestamp(std::chrono::sys_seconds time);

}  // namespace sealring::inline v0::acme

#ifndef SEALRING_COMPILED
#include "sealring/acme/impl/timestamp.ipp"
#endif

#pragma once

#include "sealring/acme/http.hpp"

#include <algorithm>
#include <array>

namespace sealring::inline v0::http {

namespace detail {

constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// An HTTP-date in any of its three forms (RFC 9110 section 5.6.7), told apart by where the time of day stands.
inline std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text) {
  std::vector<std::string_view> token;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(" ,-:"), text.size());
    if (end > 0) token.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  const auto number = [](std::string_view digits) {
    int value = digits.empty() || digits.size() > 4 ? -1 : 0;
    for (const char c : digits) value = value < 0 || c < '0' || c > '9' ? -1 : value * 10 + (c - '0');
    return value;
  };
  static constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (token.size() != 7 && token.size() != 8) return std::nullopt;
  const bool asctime = token.size() == 7;  // Sun Nov  6 08:49:37 1994; otherwise day, month, year, time, GMT
  if (!asctime && token[7] != "GMT") return std::nullopt;
  const auto month = std::ranges::find(months, token[asctime ? 1 : 2]);
  const int day = number(token[asctime ? 2 : 1]);
  int year = number(token[asctime ? 6 : 3]);
  if (!asctime && token[3].size() == 2) year += year < 70 ? 2000 : 1900;
  const std::size_t time = asctime ? 3 : 4;
  const int hour = number(token[time]);
  const int minute = number(token[time + 1]);
  const int second = number(token[time + 2]);
  using namespace std::chrono;
  const year_month_day date{std::chrono::year{year} / static_cast<int>(month - months.begin() + 1) / day};
  if (month == months.end() || year < 0 || day < 0 || !date.ok() || hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
      second < 0 || second > 60)
    return std::nullopt;
  return sys_days{date} + hours{hour} + minutes{minute} + seconds{second};
}

inline bool same_name(std::string_view a, std::string_view b) noexcept { return std::ranges::equal(a, b, {}, lower, lower); }

}  // namespace detail

SEALRING_INLINE std::optional<std::chrono::seconds> retry_after(const response& r, std::chrono::sys_seconds now) {
  const std::string_view text = r.header_value("Retry-After");
  if (text.empty()) return std::nullopt;
  if (text.size() <= 9 && text.find_first_not_of("0123456789") == std::string_view::npos)
    return std::chrono::seconds{std::stol(std::string{text})};
  const auto date = detail::parse_http_date(text);
  if (!date) return std::nullopt;
  return std::clamp<std::chrono::seconds>(*date - now, std::chrono::seconds{0}, std::chrono::seconds{999'999'999});
}

SEALRING_INLINE std::vector<std::string> links(const response& r, std::string_view relation) {
  std::vector<std::string> targets;
  for (const header& h : r.headers) {
    if (!detail::same_name(h.name, "Link")) continue;
    std::string_view rest = h.value;
    while (true) {
      const std::size_t open = rest.find('<');
      const std::size_t close = rest.find('>', open);
      if (open == std::string_view::npos || close == std::string_view::npos) break;
      const std::string_view target = rest.substr(open + 1, close - open - 1);
      const std::size_t next = std::min(rest.find(",<", close), rest.find(", <", close));
      const std::string_view parameters = rest.substr(close + 1, next == std::string_view::npos ? next : next - close - 1);
      const std::string quoted = "rel=\"" + std::string{relation} + '"';
      const std::string bare = "rel=" + std::string{relation};
      if (parameters.find(quoted) != std::string_view::npos || parameters.ends_with(bare)) targets.emplace_back(target);
      if (next == std::string_view::npos) break;
      rest.remove_prefix(next + 1);
    }
  }
  return targets;
}

SEALRING_INLINE std::string resolve(std::string_view base, std::string_view reference) {
  if (!reference.starts_with('/')) return std::string{reference};
  const std::size_t scheme_end = base.find("://");
  if (scheme_end == std::string_view::npos) return std::string{reference};
  if (reference.starts_with("//")) return std::string{base.substr(0, scheme_end + 1)} + std::string{reference};
  return std::string{base.substr(0, base.find('/', scheme_end + 3))} + std::string{reference};
}

SEALRING_INLINE std::string_view response::header_value(std::string_view name) const noexcept {
  for (const header& h : headers)
    if (detail::same_name(h.name, name)) return h.value;
  return {};
}

}  // namespace sealring::inline v0::http

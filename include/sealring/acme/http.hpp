// The caller's HTTP stack, as a concept with one call. `http/curl.hpp` models it; so does any client that can do this:
//
//   struct my_http {
//     sealring::acme::result<sealring::http::response> perform(const sealring::http::request&);
//   };
//   static_assert(sealring::http::client<my_http>);
//
// It sends the request as it stands, with TLS verified (and without TLS only where it is `plain`), follows no redirection,
// reads at most `max_body` octets of the body, and gives up at `deadline`. A response of any status is a response; a failure is
// errc::transport (or body_too_large) and one line that says why.
#pragma once

#include "sealring/acme/problem.hpp"

#include <array>

namespace sealring::inline v0::http {

using clock = std::chrono::steady_clock;

/// The methods that ACME uses.
enum class method : std::uint8_t { get, head, post };

/// What an HTTP client is to send.
struct request {
  method verb = method::get;
  std::string url{};
  std::string body{};
  std::string content_type{};  ///< of the body; empty without one
  std::string accept{};        ///< empty: anything
  std::string user_agent{};    ///< never empty: RFC 8555 section 6.1 demands one
  std::size_t max_body = 0;    ///< octets
  clock::time_point deadline{};
  bool plain = false;  ///< http:// will do: for what proves itself by a signature, as CRLs do
};

/// A header field.
struct header {
  std::string name;
  std::string value;
};

namespace detail {

constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

inline bool same_name(std::string_view a, std::string_view b) noexcept { return std::ranges::equal(a, b, {}, lower, lower); }

}  // namespace detail

/// What came back, whatever its status.
struct response {
  int status = 0;
  std::vector<header> headers{};
  std::string body{};

  /// The first header of that name, whatever its case; empty when there is none.
  [[nodiscard]] std::string_view header_value(std::string_view name) const noexcept {
    for (const header& h : headers)
      if (detail::same_name(h.name, name)) return h.value;
    return {};
  }
};

/// An HTTP stack: sends the request as it stands, and follows no redirection.
template <class C>
concept client = requires(C& c, const request& r) {
  { c.perform(r) } -> std::same_as<acme::result<response>>;
};

/// The same without blocking: any completion token, for `void(acme::result<response>)`; cancellable; several requests at once.
/// `http/curl_asio.hpp` models it. The handler archetype is a function pointer, so that this header needs no Asio.
template <class C>
concept async_client =
    requires(C& c, const request& r, void (*handler)(acme::result<response>)) { c.async_perform(r, handler); };

namespace detail {

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

}  // namespace detail

/// Retry-After, as seconds or as a date (RFC 9110 section 10.2.3). At least 0 and below 32 years; nothing when
/// absent or malformed.
[[nodiscard]] inline std::optional<std::chrono::seconds> retry_after(const response& r, std::chrono::sys_seconds now) {
  const std::string_view text = r.header_value("Retry-After");
  if (text.empty()) return std::nullopt;
  if (text.size() <= 9 && text.find_first_not_of("0123456789") == std::string_view::npos)
    return std::chrono::seconds{std::stol(std::string{text})};
  const auto date = detail::parse_http_date(text);
  if (!date) return std::nullopt;
  return std::clamp<std::chrono::seconds>(*date - now, std::chrono::seconds{0}, std::chrono::seconds{999'999'999});
}

/// The targets of `Link: <...>;rel="relation"` (RFC 8288), in order.
[[nodiscard]] inline std::vector<std::string> links(const response& r, std::string_view relation) {
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

/// A Location or Link target against the URL it came from: absolute, or absolute in its path (RFC 3986 section 4.2).
[[nodiscard]] inline std::string resolve(std::string_view base, std::string_view reference) {
  if (!reference.starts_with('/')) return std::string{reference};
  const std::size_t scheme_end = base.find("://");
  if (scheme_end == std::string_view::npos) return std::string{reference};
  if (reference.starts_with("//")) return std::string{base.substr(0, scheme_end + 1)} + std::string{reference};
  return std::string{base.substr(0, base.find('/', scheme_end + 3))} + std::string{reference};
}

}  // namespace sealring::inline v0::http

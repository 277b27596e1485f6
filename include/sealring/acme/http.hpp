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

#include <concepts>

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

/// What came back, whatever its status.
struct response {
  int status = 0;
  std::vector<header> headers{};
  std::string body{};

  /// The first header of that name, whatever its case; empty when there is none.
  [[nodiscard]] std::string_view header_value(std::string_view name) const noexcept;
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

/// Retry-After, as seconds or as a date (RFC 9110 section 10.2.3). At least 0 and below 32 years; nothing when
/// absent or malformed.
[[nodiscard]] std::optional<std::chrono::seconds> retry_after(const response& r, std::chrono::sys_seconds now);

/// The targets of `Link: <...>;rel="relation"` (RFC 8288), in order.
[[nodiscard]] std::vector<std::string> links(const response& r, std::string_view relation);

/// A Location or Link target against the URL it came from: absolute, or absolute in its path (RFC 3986 section 4.2).
[[nodiscard]] std::string resolve(std::string_view base, std::string_view reference);

}  // namespace sealring::inline v0::http

#ifndef SEALRING_COMPILED
#include "sealring/acme/impl/http.ipp"
#endif

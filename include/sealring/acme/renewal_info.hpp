// Renewal information: when the CA would have a certificate renewed (RFC 9773).
#pragma once

#include "sealring/acme/http.hpp"
#include "sealring/acme/timestamp.hpp"
#include "sealring/base64url.hpp"
#include "sealring/x509/certificate.hpp"

namespace sealring::inline v0::acme {

/// When a CA wants a certificate to be renewed.
struct renewal_info {
  /// "A JSON object with two keys, "start" and "end", whose values are timestamps ... which bound the window of time in which
  /// the CA recommends renewing the certificate" (section 4.2)
  std::chrono::sys_seconds start;
  std::chrono::sys_seconds end;
  /// "A URL pointing to a page that may explain why the suggested renewal window has its current value" (section 4.2)
  std::string explanation_url;
  /// When to ask again, as the CA put it in Retry-After (section 4.3)
  std::optional<std::chrono::seconds> retry_after{};
  json::object source{};  ///< as the server sent it
};

/// The certificate's name in renewal information and in order_request::replaces (section 4.1): the key identifier of its issuer
/// and its serial number. Empty for a certificate without the former.
[[nodiscard]] inline std::string certificate_id(const x509::certificate& c) {
  const bytes issuer = c.authority_key_id();
  return issuer.empty() ? std::string{} : base64url_encode(issuer) + '.' + base64url_encode(c.serial_octets());
}

/// "If the end timestamp is before or equal to the start timestamp", the answer says nothing (section 4.2): errc::not_acme.
[[nodiscard]] inline result<renewal_info> to_renewal_info(const json::object& o) {
  const auto refuse = [](std::string why) {
    return failure{make_error_code(errc::not_acme), "the renewal information " + std::move(why)};
  };
  const json::object* window = object(o, "suggestedWindow");
  if (window == nullptr) return refuse("has no suggestedWindow");
  const auto time_of = [&](const std::string& member) -> result<std::chrono::sys_seconds> {
    const std::string written = text(*window, member);
    if (written.empty()) return refuse("has no " + member + " in its suggestedWindow");
    const auto time = parse_timestamp(written);
    if (!time) return refuse("has a suggestedWindow whose " + member + " is no RFC 3339 timestamp");
    return *time;
  };
  const auto start = time_of("start");
  if (!start) return start.error();
  const auto end = time_of("end");
  if (!end) return end.error();
  if (*end <= *start) return refuse("has a suggestedWindow that ends before it starts");
  return renewal_info{*start, *end, text(o, "explanationURL"), {}, o};
}

[[nodiscard]] inline json::object to_json(const renewal_info& i) {
  json::object o = i.source;
  const json::object* known = object(o, "suggestedWindow");
  json::object window = known != nullptr ? *known : json::object{};
  if (parse_timestamp(text(window, "start")) != i.start) window["start"] = format_timestamp(i.start);
  if (parse_timestamp(text(window, "end")) != i.end) window["end"] = format_timestamp(i.end);
  o["suggestedWindow"] = std::move(window);
  detail::set_text(o, "explanationURL", i.explanation_url);
  return o;
}

/// The whole answer. A failure, too, says when to ask again.
[[nodiscard]] inline result<renewal_info> read_renewal_info(const http::response& r, const std::string& url,
                                                            std::chrono::sys_seconds now) {
  const auto retry_after = http::retry_after(r, now);
  const auto object = parse_object(r.body);
  if (!object) return failure{make_error_code(errc::not_acme), url + ": the answer is not a JSON object", {}, retry_after};
  auto info = to_renewal_info(*object);
  if (!info) return failure{info.error().code, url + ": " + info.error().what, {}, retry_after};
  info->retry_after = retry_after;
  return info;
}

}  // namespace sealring::inline v0::acme

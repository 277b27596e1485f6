#pragma once

#include "sealring/acme/renewal_info.hpp"

#include "sealring/acme/timestamp.hpp"
#include "sealring/base64url.hpp"

namespace sealring::inline v0::acme {

SEALRING_INLINE std::string certificate_id(const x509::certificate& c) {
  const bytes issuer = c.authority_key_id();
  return issuer.empty() ? std::string{} : base64url_encode(issuer) + '.' + base64url_encode(c.serial_octets());
}

SEALRING_INLINE result<renewal_info> to_renewal_info(const json::object& o) {
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

SEALRING_INLINE json::object to_json(const renewal_info& i) {
  json::object o = i.source;
  const json::object* known = object(o, "suggestedWindow");
  json::object window = known != nullptr ? *known : json::object{};
  if (parse_timestamp(text(window, "start")) != i.start) window["start"] = format_timestamp(i.start);
  if (parse_timestamp(text(window, "end")) != i.end) window["end"] = format_timestamp(i.end);
  o["suggestedWindow"] = std::move(window);
  detail::set_text(o, "explanationURL", i.explanation_url);
  return o;
}

SEALRING_INLINE result<renewal_info> read_renewal_info(const http::response& r, const std::string& url,
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

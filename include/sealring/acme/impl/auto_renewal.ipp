#pragma once

#include "sealring/acme/auto_renewal.hpp"

#include "sealring/acme/timestamp.hpp"

namespace sealring::inline v0::acme {

SEALRING_INLINE std::optional<auto_renewal> to_auto_renewal(const json::object& o) {
  const auto end = parse_timestamp(text(o, "end-date"));
  const auto start = parse_timestamp(text(o, "start-date"));
  const auto lifetime = count(o, "lifetime");
  const auto adjust = count(o, "lifetime-adjust");
  if (!end || !lifetime || (o.contains("start-date") && !start) || (o.contains("lifetime-adjust") && !adjust))
    return std::nullopt;
  return auto_renewal{*end, std::chrono::seconds{*lifetime}, start, std::chrono::seconds{adjust.value_or(0)},
                      flag(o, "allow-certificate-get")};
}

SEALRING_INLINE json::object to_json(const auto_renewal& a, json::object o) {
  detail::set_text(o, "start-date", a.start_date ? format_timestamp(*a.start_date) : std::string{});
  o["end-date"] = format_timestamp(a.end_date);
  o["lifetime"] = a.lifetime.count();
  if (count(o, "lifetime-adjust").value_or(0) != a.lifetime_adjust.count()) o["lifetime-adjust"] = a.lifetime_adjust.count();
  detail::set_flag(o, "allow-certificate-get", a.allow_certificate_get);
  return o;
}

SEALRING_INLINE std::optional<auto_renewal_limits> to_auto_renewal_limits(const json::object& o) {
  const auto lifetime = count(o, "min-lifetime");
  const auto duration = count(o, "max-duration");
  if (!lifetime || !duration) return std::nullopt;
  return auto_renewal_limits{std::chrono::seconds{*lifetime}, std::chrono::seconds{*duration},
                             flag(o, "allow-certificate-get")};
}

SEALRING_INLINE json::object to_json(const auto_renewal_limits& l, json::object o) {
  o["min-lifetime"] = l.min_lifetime.count();
  o["max-duration"] = l.max_duration.count();
  detail::set_flag(o, "allow-certificate-get", l.allow_certificate_get);
  return o;
}

}  // namespace sealring::inline v0::acme

// Orders that the CA renews by itself: short-term certificates, one after the other, under one URL (STAR, RFC 8739).
#pragma once

#include "sealring/acme/json.hpp"
#include "sealring/acme/timestamp.hpp"

namespace sealring::inline v0::acme {

/// The "auto-renewal" of an order, asked for and granted: "The ACME server MAY adjust them at will" (RFC 8739 section 3.1.1).
struct auto_renewal {
  /// "The latest date of validity of the last certificate issued" (RFC 8739 section 3.1.1)
  std::chrono::sys_seconds end_date;
  /// "The maximum validity period of each STAR certificate" (RFC 8739 section 3.1.1)
  std::chrono::seconds lifetime;
  /// "The earliest date of validity of the first certificate issued ... When omitted, the start date is as soon as
  /// authorization is complete" (RFC 8739 section 3.1.1)
  std::optional<std::chrono::sys_seconds> start_date{};
  /// "The amount of "left pad" added to each STAR certificate" (RFC 8739 section 3.1.1)
  std::chrono::seconds lifetime_adjust{0};
  /// "If this field is present and set to true, the client requests the server to allow unauthenticated GET" of the certificate
  /// (RFC 8739 section 3.4)
  bool allow_certificate_get = false;

  friend bool operator==(const auto_renewal&, const auto_renewal&) = default;
};

/// Nothing where a member that is required is missing, or one is not what it should be.
[[nodiscard]] inline std::optional<auto_renewal> to_auto_renewal(const json::object& o) {
  const auto end = parse_timestamp(text(o, "end-date"));
  const auto start = parse_timestamp(text(o, "start-date"));
  const auto lifetime = count(o, "lifetime");
  const auto adjust = count(o, "lifetime-adjust");
  if (!end || !lifetime || (o.contains("start-date") && !start) || (o.contains("lifetime-adjust") && !adjust))
    return std::nullopt;
  return auto_renewal{*end, std::chrono::seconds{*lifetime}, start, std::chrono::seconds{adjust.value_or(0)},
                      flag(o, "allow-certificate-get")};
}

/// Written into `o`, of which what it does not know stays.
[[nodiscard]] inline json::object to_json(const auto_renewal& a, json::object o = {}) {
  detail::set_text(o, "start-date", a.start_date ? format_timestamp(*a.start_date) : std::string{});
  o["end-date"] = format_timestamp(a.end_date);
  o["lifetime"] = a.lifetime.count();
  if (count(o, "lifetime-adjust").value_or(0) != a.lifetime_adjust.count()) o["lifetime-adjust"] = a.lifetime_adjust.count();
  detail::set_flag(o, "allow-certificate-get", a.allow_certificate_get);
  return o;
}

/// What a CA allows of it: the "auto-renewal" of its directory, which "MUST be present if the server supports STAR" (RFC 8739
/// section 3.2).
struct auto_renewal_limits {
  std::chrono::seconds min_lifetime;   ///< "minimum acceptable value for auto-renewal lifetime" (RFC 8739 section 3.2)
  std::chrono::seconds max_duration;   ///< "maximum ... delta between" end-date and start-date (RFC 8739 section 3.2)
  bool allow_certificate_get = false;  ///< "the server allows GET ... requests to star-certificate URLs" (RFC 8739 section 3.4)

  friend bool operator==(const auto_renewal_limits&, const auto_renewal_limits&) = default;
};

[[nodiscard]] inline std::optional<auto_renewal_limits> to_auto_renewal_limits(const json::object& o) {
  const auto lifetime = count(o, "min-lifetime");
  const auto duration = count(o, "max-duration");
  if (!lifetime || !duration) return std::nullopt;
  return auto_renewal_limits{std::chrono::seconds{*lifetime}, std::chrono::seconds{*duration},
                             flag(o, "allow-certificate-get")};
}

/// Written into `o`, of which what it does not know stays.
[[nodiscard]] inline json::object to_json(const auto_renewal_limits& l, json::object o = {}) {
  o["min-lifetime"] = l.min_lifetime.count();
  o["max-duration"] = l.max_duration.count();
  detail::set_flag(o, "allow-certificate-get", l.allow_certificate_get);
  return o;
}

/// "To cancel the Order, the ACME client sends a POST to the Order URL" (RFC 8739 section 3.1.2). From then on its certificates
/// are no more: fetching one is a problem "autoRenewalCanceled".
inline constexpr std::string_view cancel_payload = R"({"status":"canceled"})";

}  // namespace sealring::inline v0::acme

// Orders that the CA renews by itself: short-term certificates, one after the other, under one URL (STAR, RFC 8739).
#pragma once

#include "sealring/acme/json.hpp"

#include <chrono>
#include <optional>

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
[[nodiscard]] std::optional<auto_renewal> to_auto_renewal(const json::object& o);

/// Written into `o`, of which what it does not know stays.
[[nodiscard]] json::object to_json(const auto_renewal& a, json::object o = {});

/// What a CA allows of it: the "auto-renewal" of its directory, which "MUST be present if the server supports STAR" (RFC 8739
/// section 3.2).
struct auto_renewal_limits {
  std::chrono::seconds min_lifetime;   ///< "minimum acceptable value for auto-renewal lifetime" (RFC 8739 section 3.2)
  std::chrono::seconds max_duration;   ///< "maximum ... delta between" end-date and start-date (RFC 8739 section 3.2)
  bool allow_certificate_get = false;  ///< "the server allows GET ... requests to star-certificate URLs" (RFC 8739 section 3.4)

  friend bool operator==(const auto_renewal_limits&, const auto_renewal_limits&) = default;
};

[[nodiscard]] std::optional<auto_renewal_limits> to_auto_renewal_limits(const json::object& o);

/// Written into `o`, of which what it does not know stays.
[[nodiscard]] json::object to_json(const auto_renewal_limits& l, json::object o = {});

/// "To cancel the Order, the ACME client sends a POST to the Order URL" (RFC 8739 section 3.1.2). From then on its certificates
/// are no more: fetching one is a problem "autoRenewalCanceled".
inline constexpr std::string_view cancel_payload = R"({"status":"canceled"})";

}  // namespace sealring::inline v0::acme

#ifndef SEALRING_COMPILED
#include "sealring/acme/impl/auto_renewal.ipp"
#endif

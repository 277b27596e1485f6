// Orders (RFC 8555 sections 7.1.3 and 7.4).
#pragma once

#include "sealring/acme/authorization.hpp"
#include "sealring/acme/auto_renewal.hpp"

namespace sealring::inline v0::acme {

/// "A client's request for a certificate", and its way to one (section 7.1.3).
struct order {
  std::string url;  ///< from the Location header (section 7.4)
  /// "Possible values are "pending", "ready", "processing", "valid", and "invalid"" (section 7.1.3), and "canceled" for one
  /// that was renewed by itself (RFC 8739 section 3.1.1)
  std::string status;
  /// "An array of identifier objects that the order pertains to" (section 7.1.3)
  std::vector<sealring::identifier> identifiers;
  /// "For pending orders, the authorizations that the client needs to complete before the requested certificate can be issued"
  /// (section 7.1.3): URLs, in no order that means anything, and some of them valid already
  std::vector<std::string> authorizations;
  /// "A URL that a CSR must be POSTed to once all of the order's authorizations are satisfied" (section 7.1.3)
  std::string finalize;
  /// "A URL for the certificate that has been issued in response to this order" (section 7.1.3); empty before
  std::string certificate;
  /// "The error that occurred while processing the order, if any" (section 7.1.3)
  std::optional<problem> error;
  /// "The timestamp after which the server will consider this order invalid" (section 7.1.3), RFC 3339
  std::string expires{};
  /// "The requested value of the notBefore field in the certificate" (section 7.1.3), RFC 3339
  std::string not_before{};
  /// "The requested value of the notAfter field in the certificate" (section 7.1.3), RFC 3339
  std::string not_after{};
  /// "A string uniquely identifying the profile which will be used to affect issuance of the certificate"
  /// (draft-ietf-acme-profiles section 4)
  std::string profile{};
  /// "A string uniquely identifying a previously issued certificate that this order is intended to replace" (RFC 9773 section
  /// 5)
  std::string replaces{};
  /// "MUST be present for STAR certificates" (RFC 8739 section 3.1.1)
  std::optional<acme::auto_renewal> auto_renewal{};
  /// "A URL for the (rolling) STAR certificate that has been issued in response to this Order", which then has no `certificate`
  /// (RFC 8739 section 3.1.1)
  std::string star_certificate{};
  json::object source{};  ///< as the server sent it
};

[[nodiscard]] order to_order(const json::object& o, std::string url);

/// Where the certificate of a "valid" order is: one that renews itself has a star_certificate instead of a certificate.
[[nodiscard]] const std::string& certificate_url(const order& o) noexcept;

[[nodiscard]] json::object to_json(const order& in);

namespace detail {

/// Sorted: their order means nothing.
std::vector<std::string> each_once(std::vector<std::string> urls);

}  // namespace detail

/// What newOrder is asked for (section 7.4).
struct order_request {
  /// "An array of identifier objects that the client wishes to submit an order for" (section 7.4)
  std::vector<identifier> names{};
  /// One of directory::profiles: "The client MUST NOT request a profile name that is not advertised" (draft-ietf-acme-profiles
  /// section 4); empty for the CA's choice
  std::string profile{};
  /// certificate_id of the certificate that "this order is intended to replace" (RFC 9773 section 5)
  std::string replaces{};
  /// "The requested value of the notBefore field in the certificate" (section 7.4). Public CAs refuse it.
  std::optional<std::chrono::sys_seconds> not_before{};
  /// "The requested value of the notAfter field in the certificate" (section 7.4). Public CAs refuse it.
  std::optional<std::chrono::sys_seconds> not_after{};
  /// For certificates that the CA renews by itself, and then without the two above: they "MUST NOT be present in a STAR Order"
  /// (RFC 8739 section 3.1.1)
  std::optional<acme::auto_renewal> auto_renewal{};
  /// Domains whose control can be proved in place of that of names below them, where directory::subdomain_auth_allowed: "The
  /// client MUST be able to fulfill a challenge against the ancestor domain" (RFC 9444 section 4.3)
  std::vector<std::string> ancestor_domains{};
};

[[nodiscard]] std::string new_order_payload(const order_request& wish);

/// "csr (required, string): A CSR encoding the parameters for the certificate being requested" (section 7.4)
[[nodiscard]] std::string finalize_payload(bytes_view csr);

}  // namespace sealring::inline v0::acme

#ifndef SEALRING_COMPILED
#include "sealring/acme/impl/order.ipp"
#endif

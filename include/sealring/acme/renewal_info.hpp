// Renewal information: when the CA would have a certificate renewed (RFC 9773).
#pragma once

#include "sealring/acme/http.hpp"
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
[[nodiscard]] std::string certificate_id(const x509::certificate& c);

/// "If the end timestamp is before or equal to the start timestamp", the answer says nothing (section 4.2): errc::not_acme.
[[nodiscard]] result<renewal_info> to_renewal_info(const json::object& o);

[[nodiscard]] json::object to_json(const renewal_info& i);

/// The whole answer. A failure, too, says when to ask again.
[[nodiscard]] result<renewal_info> read_renewal_info(const http::response& r, const std::string& url,
                                                     std::chrono::sys_seconds now);

}  // namespace sealring::inline v0::acme

#ifndef SEALRING_COMPILED
#include "sealring/acme/impl/renewal_info.ipp"
#endif

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

[[nodiscard]] inline order to_order(const json::object& o, std::string url) {
  order out{.url = std::move(url),
            .status = text(o, "status"),
            .identifiers = objects(o, "identifiers", to_identifier),
            .authorizations = texts(o, "authorizations"),
            .finalize = text(o, "finalize"),
            .certificate = text(o, "certificate"),
            .error = {},
            .expires = text(o, "expires"),
            .not_before = text(o, "notBefore"),
            .not_after = text(o, "notAfter"),
            .profile = text(o, "profile"),
            .replaces = text(o, "replaces"),
            .auto_renewal = {},
            .star_certificate = text(o, "star-certificate"),
            .source = o};
  if (const json::object* error = object(o, "error")) out.error = to_problem(*error);
  if (const json::object* renewal = object(o, "auto-renewal")) out.auto_renewal = to_auto_renewal(*renewal);
  return out;
}

/// Where the certificate of a "valid" order is: one that renews itself has a star_certificate instead of a certificate.
[[nodiscard]] inline const std::string& certificate_url(const order& o) noexcept {
  return o.certificate.empty() ? o.star_certificate : o.certificate;
}

[[nodiscard]] inline json::object to_json(const order& in) {
  json::object o = in.source;
  detail::set_text(o, "status", in.status);
  detail::set_text(o, "expires", in.expires);
  if (objects(o, "identifiers", to_identifier) != in.identifiers)
    detail::set_objects(o, "identifiers", in.identifiers, [](const identifier& id) { return to_json(id); });
  detail::set_text(o, "notBefore", in.not_before);
  detail::set_text(o, "notAfter", in.not_after);
  detail::set_text(o, "profile", in.profile);
  detail::set_text(o, "replaces", in.replaces);
  const json::object* renewal = object(o, "auto-renewal");
  if ((renewal != nullptr ? to_auto_renewal(*renewal) : std::nullopt) != in.auto_renewal)
    detail::set_object(o, "auto-renewal", detail::changed_object(renewal, in.auto_renewal));
  detail::set_object(o, "error", in.error ? std::optional{to_json(*in.error)} : std::nullopt);
  detail::set_texts(o, "authorizations", in.authorizations);
  detail::set_text(o, "finalize", in.finalize);
  detail::set_text(o, "certificate", in.certificate);
  detail::set_text(o, "star-certificate", in.star_certificate);
  return o;
}

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

namespace detail {

/// The highest of them above that name: "the server can choose to issue a challenge against any ancestor domain of the
/// identifier up to and including" it (RFC 9444 section 4.3). Empty where there is none.
inline std::string ancestor_of(const identifier& id, const std::vector<std::string>& ancestors) {
  std::string highest;
  if (id.kind != identifier::type::dns) return highest;
  const std::string_view name = std::string_view{id.value}.substr(id.wildcard() ? 2 : 0);
  for (const std::string& one : ancestors)
    if (!one.empty() && name.ends_with('.' + one) && (highest.empty() || one.size() < highest.size())) highest = one;
  return highest;
}

}  // namespace detail

[[nodiscard]] inline std::string new_order_payload(const order_request& wish) {
  json::array identifiers;
  for (const identifier& id : wish.names) {
    json::object one = to_json(id);
    if (const auto ancestor = detail::ancestor_of(id, wish.ancestor_domains); !ancestor.empty())
      one["ancestorDomain"] = ancestor;
    identifiers.push_back(std::move(one));
  }
  json::object payload{{"identifiers", std::move(identifiers)}};
  if (!wish.profile.empty()) payload["profile"] = wish.profile;
  if (!wish.replaces.empty()) payload["replaces"] = wish.replaces;
  if (wish.not_before) payload["notBefore"] = format_timestamp(*wish.not_before);
  if (wish.not_after) payload["notAfter"] = format_timestamp(*wish.not_after);
  if (wish.auto_renewal) payload["auto-renewal"] = to_json(*wish.auto_renewal);
  return json::serialize(payload);
}

/// "csr (required, string): A CSR encoding the parameters for the certificate being requested" (section 7.4)
[[nodiscard]] inline std::string finalize_payload(bytes_view csr) {
  return json::serialize(json::object{{"csr", base64url_encode(csr)}});
}

}  // namespace sealring::inline v0::acme

#pragma once

#include "sealring/acme/order.hpp"

#include "sealring/acme/timestamp.hpp"
#include "sealring/base64url.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace sealring::inline v0::acme {

SEALRING_INLINE order to_order(const json::object& o, std::string url) {
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

SEALRING_INLINE const std::string& certificate_url(const order& o) noexcept {
  return o.certificate.empty() ? o.star_certificate : o.certificate;
}

namespace detail {

SEALRING_INLINE std::vector<std::string> each_once(std::vector<std::string> urls) {
  std::ranges::sort(urls);
  urls.erase(std::ranges::unique(urls).begin(), urls.end());
  return urls;
}

}  // namespace detail

SEALRING_INLINE json::object to_json(const order& in) {
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

SEALRING_INLINE std::string new_order_payload(const order_request& wish) {
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

SEALRING_INLINE std::string finalize_payload(bytes_view csr) {
  return json::serialize(json::object{{"csr", base64url_encode(csr)}});
}

}  // namespace sealring::inline v0::acme

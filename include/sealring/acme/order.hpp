// Orders (RFC 8555 sections 7.1.3 and 7.4).
#pragma once

#include "sealring/acme/authorization.hpp"

namespace sealring::inline v0::acme {

struct order {
  std::string url;     ///< from the Location header
  std::string status;  ///< "pending", "ready", "processing", "valid" or "invalid"
  std::vector<sealring::identifier> identifiers;
  std::vector<std::string> authorizations;  ///< URLs, in no order that means anything
  std::string finalize;                     ///< "a URL that a CSR must be POSTed to once all of the order's authorizations are
                                            ///< satisfied"
  std::string certificate;                  ///< "a URL for the certificate that has been issued"; empty before
  std::optional<problem> error;             ///< "the error that occurred while processing the order, if any"
};

[[nodiscard]] inline order to_order(const json::object& o, std::string url) {
  order out{std::move(url), text(o, "status"), {}, texts(o, "authorizations"), text(o, "finalize"), text(o, "certificate"), {}};
  each_object(o, "identifiers", [&out](const json::object& id) { out.identifiers.push_back(to_identifier(id)); });
  if (const json::object* error = object(o, "error")) out.error = to_problem(*error);
  return out;
}

/// What newOrder is asked for.
struct order_request {
  std::vector<identifier> names{};
  std::string profile{};  ///< one of directory::profiles (draft-ietf-acme-profiles section 4); empty for the CA's choice
  std::string
      replaces{};  ///< certificate_id of the certificate "that the new order is intended to replace" (RFC 9773 section 5)
};

[[nodiscard]] inline std::string new_order_payload(const order_request& wish) {
  json::array identifiers;
  for (const identifier& id : wish.names) identifiers.push_back(to_json(id));
  json::object payload{{"identifiers", std::move(identifiers)}};
  if (!wish.profile.empty()) payload["profile"] = wish.profile;
  if (!wish.replaces.empty()) payload["replaces"] = wish.replaces;
  return json::serialize(payload);
}

/// "csr (required, string): A CSR encoding the parameters for the certificate being requested" (section 7.4)
[[nodiscard]] inline std::string finalize_payload(bytes_view csr) {
  return json::serialize(json::object{{"csr", base64url_encode(csr)}});
}

}  // namespace sealring::inline v0::acme

#pragma once

#include "sealring/acme/revocation.hpp"

#include "sealring/base64url.hpp"

#include <boost/json/serialize.hpp>

namespace sealring::inline v0::acme {

SEALRING_INLINE std::string revocation_payload(bytes_view certificate, std::optional<revocation_reason> reason) {
  json::object payload{{"certificate", base64url_encode(certificate)}};
  if (reason) payload["reason"] = static_cast<int>(*reason);
  return json::serialize(payload);
}

}  // namespace sealring::inline v0::acme

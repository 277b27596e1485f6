// `http::client` over libcurl: one connection kept open, the trust store loaded once.
#pragma once

#include "sealring/http/curl_transfer.hpp"

namespace sealring::inline v0::http {

/// Move-only; not safe from several threads at once.
class curl {
public:
  /// `ca_file` is a PEM file of trust anchors that replaces the system's; empty for the system's.
  explicit curl(const std::string& ca_file = {}) : easy_{detail::make_curl_easy(ca_file)} {}

  [[nodiscard]] acme::result<response> perform(const request& r) {
    if (auto late = detail::curl_transfer::too_late(r)) return *std::move(late);
    detail::curl_transfer transfer{easy_, r};
    return transfer.finish(curl_easy_perform(easy_.get()));
  }

private:
  detail::curl_easy easy_;
};

}  // namespace sealring::inline v0::http

// Whether the resource of an http-01 challenge can be fetched as the CA will fetch it (RFC 8555 section 8.3).
#pragma once

#include "agent/manager/solver/dns_lookup.hpp"
#include "agent/manager/solver/finding.hpp"

namespace sealring::agent {

/// Ports where a redirect may lead: 80 and 443, as CAs have it, and those of a test bed.
struct http_ports {
  unsigned http = 80;
  unsigned https = 443;
};

/// Looks at every address of the name, for the CA may choose any. 10 seconds in all.
[[nodiscard]] finding look_at_resource(const dns_lookup&, const challenge_task&, const http_ports&);

/// "http://HOST[:PORT]/.well-known/acme-challenge/TOKEN"
[[nodiscard]] std::string url_of_resource(const challenge_task&, unsigned port);

}  // namespace sealring::agent

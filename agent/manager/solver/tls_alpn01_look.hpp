// Whether the certificate of a tls-alpn-01 challenge is shown as the CA will ask for it (RFC 8737 section 3).
#pragma once

#include "agent/manager/solver/dns_lookup.hpp"
#include "agent/manager/solver/finding.hpp"

namespace sealring::agent {

/// Looks at every address of the name, for the CA may choose any. 10 seconds in all.
[[nodiscard]] finding look_at_handshake(const dns_lookup&, const challenge_task&, unsigned port);

}  // namespace sealring::agent

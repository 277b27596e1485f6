// One DNS message there and one back (RFC 1035 section 4.2), by a deadline.
#pragma once

#include "agent/manager/solver/endpoint.hpp"
#include "sealring/bytes.hpp"

namespace sealring::agent {

/// The question is sent again each second until there is an answer to it. Answers to anything else are passed over.
[[nodiscard]] result<bytes> dns_exchange_udp(const endpoint&, const bytes& question, deadline);
[[nodiscard]] result<bytes> dns_exchange_tcp(const endpoint&, const bytes& question, deadline);

}  // namespace sealring::agent

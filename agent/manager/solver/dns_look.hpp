// Whether the name servers of the zone show a challenge's record: those themselves, for a resolver keeps what it has seen.
#pragma once

#include "agent/manager/solver/dns_place.hpp"
#include "agent/manager/solver/finding.hpp"

namespace sealring::agent {

/// Waits until all servers that answer show it, at most `time`; 0 asks each once.
[[nodiscard]] finding look_at_record(const dns_lookup&, const dns_place&, std::chrono::seconds time);

}  // namespace sealring::agent

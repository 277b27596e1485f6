// Whether the CAA records of a name let the CA issue, asked before the CA is.
#pragma once

#include "agent/manager/solver/dns_lookup.hpp"
#include "agent/manager/solver/solver.hpp"
#include "sealring/acme/caa.hpp"
#include "sealring/x509/identifier.hpp"

namespace sealring::agent {

/// `id` is without "*.". `caa_identities` are the directory's. An address has no CAA records. Where nobody answers, or
/// the directory has no "caaIdentities" (the CA may be a private one, that does not look at CAA), what is found is for the log,
/// and no failure.
[[nodiscard]] result<void> check_caa(const config&, const identifier& id, bool wildcard,
                                     std::span<const std::string> caa_identities, const std::string& account_url,
                                     challenge_type, const note& log);

/// The same, with somebody else asked.
[[nodiscard]] result<void> check_caa(const dns_asker&, const identifier& id, const acme::caa_question&, const note& log);

}  // namespace sealring::agent

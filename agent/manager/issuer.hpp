// Issuance: from names in the configuration to files in live/NAME.
#pragma once

#include "agent/manager/ca.hpp"

namespace sealring::agent {

/// Obtains a certificate for `wanted`, with a new key in the token, and puts its files in place. On failure nothing is left in
/// the token, and whatever live/NAME held before is still there.
[[nodiscard]] result<certificate> issue(const config&, const certificate_entry& wanted, const keeper_link&, store&, ca&,
                                        const reporter& progress);

/// Whether the files in live/NAME are those of `held`.
[[nodiscard]] bool is_live(const config&, const certificate& held);

/// Whether `held` still serves `wanted`: its files are in place, names and key type are the same, it is not revoked, it is from
/// the configured CA, and more than a third of its life is ahead (a half if that is below ten days).
[[nodiscard]] bool serves(const config&, const certificate& held, const certificate_entry& wanted,
                          std::chrono::sys_seconds now);

}  // namespace sealring::agent

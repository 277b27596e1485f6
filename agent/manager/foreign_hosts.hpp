// A CA that uses several hosts, seen before anything is signed for it.
#pragma once

#include "agent/config.hpp"
#include "sealring/acme/directory.hpp"

namespace sealring::agent {

/// condition::operator_needed, with the line to add to the configuration, where the directory leads to hosts that neither it
/// nor [ca] origins name, be it after a redirection: the keeper would refuse to sign for them.
[[nodiscard]] result<void> check_hosts(const config&, const acme::directory&);

}  // namespace sealring::agent

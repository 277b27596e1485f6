// What the metrics tell, gathered from the renewal and the keeper.
#pragma once

#include "agent/manager/keeper_link.hpp"
#include "agent/manager/renewal.hpp"
#include "agent/metrics/snapshot.hpp"

namespace sealring::agent {

[[nodiscard]] snapshot numbers_of(const renewal&, const config&, const result<std::shared_ptr<const keeper_link>>&);

}  // namespace sealring::agent

// How a keeper is started, by the agent and by a command that needs one of its own.
#pragma once

#include "agent/config.hpp"
#include "agent/supervisor/child.hpp"

namespace sealring::agent {

/// The folder that is the keeper's alone: its book and the record of PIN tries.
[[nodiscard]] std::filesystem::path keeper_folder(const config&);

/// Makes the folder, the keeper's user its owner, and says what to start: without listeners yet.
[[nodiscard]] result<child_plan> plan_keeper(const config&, const walls&);

}  // namespace sealring::agent

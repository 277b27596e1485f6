// How a manager is started, by the agent and by a command that has walls to stay behind.
#pragma once

#include "agent/config.hpp"
#include "agent/supervisor/child.hpp"
#include "agent/supervisor/sandbox.hpp"

namespace sealring::agent {

/// The folders that are the manager's: store, live, and what belongs beside them.
[[nodiscard]] std::vector<std::filesystem::path> manager_folders(const config&);

/// Makes the folders that are missing, the manager's user their owner, and says what to start. Where there are walls,
/// condition::operator_needed, and what to write where, if one that is there belongs to somebody else, or if what the manager
/// must not change lies in one: sealring.toml, the keeper's folder, the audit log.
[[nodiscard]] result<child_plan> plan_manager(const config&, const walls&);

/// The manager gives up all files but these.
[[nodiscard]] manager_sandbox sandbox_of_manager(const config&);

}  // namespace sealring::agent

// What can be seen without being the server: the agent, the files, the rules.
#pragma once

#include "agent/config.hpp"
#include "agent/doctor/finding.hpp"
#include "agent/supervisor/users.hpp"

namespace sealring::agent::doctor {

/// Whether the agent answers at each address.
void check_agent(const config&, findings&);

/// live/NAME: there, whole, of one key, in time, and open to those who are to read it. False where there is no reference that a
/// server could load.
[[nodiscard]] bool check_live(const config&, const certificate_entry&, findings&);

/// Whether the keeper signs for this user.
void check_peer(const config&, const certificate_entry&, const user&, const std::string& of, findings&);

}  // namespace sealring::agent::doctor

// Files of the manager's that servers trust only as root's: what is 0640 in live/NAME (PostgreSQL insists).
//
// Where the manager has a user of its own it cannot give files away, and root does it after it. The folder is the manager's, so
// nothing in it is believed: no path leads out of it, and only a plain file of the manager's, with one name, changes hands.
// What it then is: data that the manager wrote, readable for one group more.
#pragma once

#include "agent/config.hpp"
#include "agent/supervisor/users.hpp"

namespace sealring::agent {

/// live/NAME/{privkey,combined}.pem to root and to [state] group. As root alone.
[[nodiscard]] result<void> hand_over(const config&, const user& manager, std::string_view name);

}  // namespace sealring::agent

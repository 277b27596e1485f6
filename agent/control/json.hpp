// The records of the store as the control API and --json show them.
#pragma once

#include "agent/control/message.hpp"
#include "agent/manager/desk.hpp"

namespace sealring::agent::control {

/// "issued", "revoked", "expired"
[[nodiscard]] std::string_view status_of(const certificate&, std::chrono::sys_seconds now);

/// A certificate alone.
[[nodiscard]] json::object to_json(const config&, const certificate&);
/// With all that is planned for it and known of it. One that is configured and has not come yet has the status "missing".
[[nodiscard]] json::object to_json(const config&, const kept_certificate&);

[[nodiscard]] json::object to_json(const account_facts&);
[[nodiscard]] json::object to_json(const rollover_plan&);

}  // namespace sealring::agent::control

// A keeper without a token answers all the same: at once, to everybody, with what has to be done about it.
#pragma once

#include "agent/config.hpp"
#include "agent/keeper/server.hpp"

namespace sealring::agent {

/// Refuses each request for that reason, but for one: what there is to count is told. Only the operators and the manager are
/// told what the reason is.
[[nodiscard]] request_handler refuse_for(const failure& why, const config&, uid_t owner, std::optional<uid_t> manager = {});

/// How long before the token is tried again, in a process of its own.
[[nodiscard]] std::chrono::seconds pause_after(const failure& why) noexcept;

}  // namespace sealring::agent

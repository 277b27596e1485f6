// The operations there are. Each group has a file of its own, api_NAME.cpp, with one function that adds its routes; what it
// needs of the manager is in `manager_side`. docs/openapi.json describes them all, and tests/system/openapi.py compares.
#pragma once

#include "agent/config.hpp"
#include "agent/control/router.hpp"

namespace sealring::agent::control {

struct manager_side {
  std::filesystem::path config;
  std::function<void()> reload;  ///< reads the configuration again, soon
};

/// GET /v1, GET /v1/openapi.json, POST /v1/reload
void add_agent_routes(router&, const manager_side&);

/// All of them.
[[nodiscard]] router make_router(const manager_side&);

}  // namespace sealring::agent::control

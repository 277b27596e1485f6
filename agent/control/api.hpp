// The operations there are. Each group has a file of its own, api_NAME.cpp, with one function that adds its routes; what it
// needs of the manager is in `manager_side`. docs/openapi.json describes them all, and tests/system/openapi.py compares.
#pragma once

#include "agent/control/router.hpp"
#include "agent/manager/desk.hpp"

namespace sealring::agent::control {

struct manager_side {
  std::function<result<void>()> reload;  ///< reads the configuration again; when it answers, it is in force
  desk* work;
  std::function<std::shared_ptr<const config>()> settings;
  /// Without waiting for it: a failure says why there is none.
  std::function<result<std::shared_ptr<const keeper_link>>()> keeper;
};

/// GET /v1, GET /v1/openapi.json, POST /v1/reload
void add_agent_routes(router&, const manager_side&);
/// /v1/certificates…, /v1/revoke
void add_certificate_routes(router&, const manager_side&);
/// /v1/account…
void add_account_routes(router&, const manager_side&);
/// GET /v1/status
void add_status_routes(router&, const manager_side&);

/// All of them.
[[nodiscard]] router make_router(const manager_side&);

}  // namespace sealring::agent::control

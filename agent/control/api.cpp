#include "agent/control/api.hpp"

namespace sealring::agent::control {

router make_router(const manager_side& manager) {
  router out;
  add_agent_routes(out, manager);
  add_certificate_routes(out, manager);
  add_account_routes(out, manager);
  add_status_routes(out, manager);
  return out;
}

}  // namespace sealring::agent::control

// The environment of a role.
#pragma once

#include "agent/supervisor/users.hpp"

#include <string>
#include <vector>

namespace sealring::agent {

/// PATH, LANG and the like, TZ and SSL_CERT_*; of `caller` nothing else, unless `one_user`: then all but what would change the
/// program itself (LD_*, OPENSSL_CONF, OPENSSL_MODULES) or speak to systemd in the supervisor's name. `more` ("NAME=VALUE",
/// [hsm] environment) comes last and replaces what has its names.
[[nodiscard]] std::vector<std::string> role_environment(const std::vector<std::string>& caller, bool one_user,
                                                        const std::vector<std::string>& more = {});

/// This process's.
[[nodiscard]] std::vector<std::string> own_environment();

}  // namespace sealring::agent

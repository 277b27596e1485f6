// Users and groups as the configuration names them: "www-data" or "33" is a user, "%ssl-cert" or "%103" a group.
#pragma once

#include "agent/config.hpp"

#include <set>

#include <sys/types.h>

namespace sealring::agent {

struct account_name {
  enum class kind { user, group } what;
  id_t id;
};

/// condition::bad_input for a user or group that there is not.
[[nodiscard]] result<account_name> find_account(const std::string& text);

/// [agent] operators, and whoever owns the files. condition::bad_input for a user that there is not.
[[nodiscard]] result<std::set<uid_t>> operators_of(const config&, uid_t owner);

}  // namespace sealring::agent

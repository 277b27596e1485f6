// The keeper as a process: the only one that has the PIN and the vendor's module.
#pragma once

#include "agent/supervisor/descriptors.hpp"

#include <filesystem>
#include <optional>
#include <string>

#include <sys/types.h>

namespace sealring::agent {

struct keeper_plan {
  std::filesystem::path config;
  uid_t owner = 0;                 ///< whose files are believed, beside root's
  std::optional<uid_t> manager;    ///< who may do the manager's work by any socket; nobody where all share one user
  keeper_descriptors descriptors;  ///< what the process that started us has opened
  bool retry_pin = false;          ///< a person asks for a PIN to be tried again that the token has refused
};

/// Serves until it is told to stop, or until whoever started it has gone. The exit status of the process.
[[nodiscard]] int run_keeper(const keeper_plan&);

}  // namespace sealring::agent

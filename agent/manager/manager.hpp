// The manager as a process: what the Internet sees. It has neither PIN nor module, and keeps configured certificates issued.
#pragma once

#include "agent/config.hpp"
#include "agent/supervisor/descriptors.hpp"

namespace sealring::agent {

struct manager_plan {
  std::filesystem::path config;
  keeper_descriptors descriptors;  ///< `listeners`, `links` and `alive`
};

/// Looks after the certificates until it is told to stop. The exit status of the process.
[[nodiscard]] int run_manager(const manager_plan&);

/// The walls of a process that is the manager for one command, put up before it does anything else. They stay up.
[[nodiscard]] result<void> enter_manager(const std::filesystem::path& config, const keeper_descriptors&);

}  // namespace sealring::agent

// What most verbs begin with: the configuration, the store, and the right to change them.
#pragma once

#include "agent/cli/command_line.hpp"
#include "agent/file.hpp"
#include "agent/manager/issuer.hpp"

namespace sealring::agent::cli {

struct workspace {
  config settings;
  store state;
  std::optional<file_lock> lock;
  std::optional<int> link{};  ///< where this is the manager for a command: to its keeper; -1: to be dialled

  /// The folder that live/ is in: the lock and the record of PIN tries are kept there.
  [[nodiscard]] static std::filesystem::path folder(const config&);

  /// To look only.
  [[nodiscard]] static result<workspace> open(const global_options&);
  /// To change something: one process at a time.
  [[nodiscard]] static result<workspace> open_locked(const global_options&, output&);
  [[nodiscard]] static result<workspace> open_locked(config, const global_options&, output&);

  /// The keeper, with what interrupted runs left settled.
  [[nodiscard]] result<keeper_link> open_keys(output&, bool retry_pin = false);
};

/// Shows each request with -v.
[[nodiscard]] reporter trace_to(const global_options&, output&);

}  // namespace sealring::agent::cli

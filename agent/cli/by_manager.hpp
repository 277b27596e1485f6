// Where keeper and manager have users of their own, a command that root types is two processes.
//
// One is the manager, in user and sandbox: it talks to the CA, reads what the CA says, opens the store and writes live files,
// all in folders that belong to a user who is trusted less than root. The other stays root and does what only the operator may:
// it writes conf.d, gives approvals, starts a keeper where no agent runs, and runs the commands in the operator's files.
#pragma once

#include "agent/cli/workspace.hpp"
#include "agent/supervisor/servant.hpp"

namespace sealring::agent::cli {

/// Whether a command has to do so.
[[nodiscard]] bool has_walls(const global_options&);

struct errand {
  std::vector<std::string> arguments{};  ///< for the manager: usually as they were typed
  bool needs_keeper = true;
  bool retry_pin = false;
  /// With an operator's rights, before the manager begins; and when it has ended, with its status.
  std::function<result<void>(const keeper_link&)> before{};
  std::function<void(const keeper_link&, int status)> after{};
};

/// Runs the manager, which says on our streams what there is to say. The outcome is its exit status; a failure means that it
/// was not started, or died.
[[nodiscard]] result<outcome> by_manager(const config&, const errand&);
[[nodiscard]] result<outcome> by_manager(const global_options&, const errand&);

/// What a servant runs commands by: the files as they are when it asks, if nobody but the operator could have written them.
[[nodiscard]] std::function<result<config>()> operators_files(const std::filesystem::path& file);

}  // namespace sealring::agent::cli

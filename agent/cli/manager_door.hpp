// The manager, for a verb: the one of the agent that runs, through control.sock, or one in this process where none runs. Both
// answer the same operations (docs/openapi.json).
#pragma once

#include "agent/cli/workspace.hpp"
#include "agent/control/message.hpp"

#include <boost/json/object.hpp>

namespace sealring::agent::cli {

class manager_door {
public:
  enum class purpose { to_look, to_change };

  /// condition::retry_later if another command without an agent does not end.
  [[nodiscard]] static result<manager_door> open(const global_options&, output&, purpose);

  manager_door(manager_door&&) noexcept;
  manager_door& operator=(manager_door&&) = delete;
  ~manager_door();

  /// Asks, and shows the progress. Safe from several threads.
  [[nodiscard]] result<boost::json::value> call(std::string_view method, const std::string& path,
                                                const boost::json::object& body = {});
  /// Of the last call: it came to no answer, and the agent goes on with what it had begun.
  [[nodiscard]] bool cut_short() const noexcept;

  [[nodiscard]] const config& settings() const noexcept;
  /// For what only an operator may ask of the keeper: approvals.
  [[nodiscard]] result<std::shared_ptr<const keeper_link>> keys();

private:
  struct inside;
  explicit manager_door(std::unique_ptr<inside>);
  std::unique_ptr<inside> inside_;
};

/// Whether a verb has to be run by a manager that is a process of its own: there are walls, and no agent runs.
[[nodiscard]] bool needs_errand(const global_options&);

/// "/v1/certificates/NAME" and what follows
[[nodiscard]] std::string certificate_path(std::string_view name, std::string_view then = {});

}  // namespace sealring::agent::cli

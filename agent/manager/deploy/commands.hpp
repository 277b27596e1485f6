// The operator's commands, which the manager asks for: by a supervisor, or by this process where it is its own.
#pragma once

#include "agent/supervisor/servant.hpp"

namespace sealring::agent {

class commands {
public:
  virtual ~commands() = default;

  /// Hands the certificate's new files over and runs its reload command, if it has one.
  [[nodiscard]] result<void> deploy(const certificate_entry& entry) const {
    return ask(deploy_request{entry.name}, entry.reload_timeout);
  }
  /// Makes the TXT record of a challenge for a domain of this certificate, or takes it away: judge() says which are allowed.
  [[nodiscard]] result<void> hook(const certificate_entry& entry, hook_action action, const std::string& record,
                                  const std::string& value) const {
    return ask(hook_request{entry.name, action, record, value}, hook_limit);
  }

protected:
  /// `limit` is how long the command itself may take.
  [[nodiscard]] virtual result<void> ask(request, std::chrono::seconds limit) const = 0;
};

/// For a process without walls, which runs them itself.
class own_commands final : public commands {
public:
  explicit own_commands(servant_plan plan) : plan_(std::move(plan)) {}

private:
  result<void> ask(request what, std::chrono::seconds) const override { return serve(plan_, what); }
  servant_plan plan_;
};

}  // namespace sealring::agent

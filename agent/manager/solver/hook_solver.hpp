// dns-01 and dns-account-01 by a command of the operator's, which makes and deletes the record.
#pragma once

#include "agent/manager/solver/dns_place.hpp"
#include "agent/manager/solver/solver.hpp"
#include "agent/manager/solver/users.hpp"

#include <mutex>

namespace sealring::agent {

/// Has the command run, for the manager may start no program: the supervisor does.
using hook_runner = std::function<result<void>(const std::string& certificate, bool present, const std::string& record,
                                               const std::string& value)>;

class hook_solver final : public solver {
public:
  hook_solver(hook_runner run, std::chrono::seconds propagation, const dns_lookup& lookup, note log)
      : run_{std::move(run)}, propagation_{propagation}, lookup_{lookup}, log_{std::move(log)} {}

  [[nodiscard]] result<void> present(const challenge_task&) override;
  [[nodiscard]] result<void> look(const challenge_task&) override;
  [[nodiscard]] bool clean_up(const challenge_task&) noexcept override;

private:
  hook_runner run_;
  std::chrono::seconds propagation_;
  const dns_lookup& lookup_;
  note log_;
  std::mutex mutex_;
  users<dns_place> made_;
};

}  // namespace sealring::agent

// All solvers that a configuration has. Shared by the threads that issue at once.
#pragma once

#include "agent/config.hpp"
#include "agent/manager/solver/hook_solver.hpp"
#include "agent/manager/solver/manual_solver.hpp"
#include "agent/manager/solver/solver.hpp"

#include <array>
#include <memory>

namespace sealring::agent {

/// How an identifier of a certificate is proved: as its entry says, but never an address by DNS, which RFC 8738 section 7 does
/// not allow.
[[nodiscard]] challenge_type type_for(const certificate_entry&, const identifier&) noexcept;

class solvers {
public:
  /// condition::bad_input for addresses that are none. No port is opened, and nobody is asked yet.
  [[nodiscard]] static result<solvers> make(const config&, const hook_runner&, person, const note& = {});

  /// Lives as long as this. The failure says what the configuration lacks.
  [[nodiscard]] result<solver*> solver_for(const certificate_entry&, const identifier&) const;

  /// What proves by this type, whatever an entry says now; nullptr where the configuration has nothing that does.
  [[nodiscard]] solver* find(challenge_type) const noexcept;

private:
  std::unique_ptr<dns_lookup> lookup_;  // at one place: the solvers refer to it
  std::array<std::unique_ptr<solver>, words<challenge_type>.size()> by_type_;
  std::unique_ptr<solver> manual_;
};

}  // namespace sealring::agent

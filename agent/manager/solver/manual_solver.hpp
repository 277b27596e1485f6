// Challenges that a person meets: we say what to make, and see whether it is there.
#pragma once

#include "agent/config.hpp"
#include "agent/manager/solver/dns_place.hpp"
#include "agent/manager/solver/solver.hpp"

namespace sealring::agent {

/// Is told what to create, in a line or two for a person.
using person = std::function<void(const challenge_task&, const std::string& what_to_make)>;

/// What to create for a challenge: a record's name, type and value, or a URL and its body.
[[nodiscard]] result<std::string> what_to_make(const challenge_task&, const config&, const dns_asker&);

class manual_solver final : public solver {
public:
  manual_solver(const config& c, person tell, const dns_lookup& lookup)
      : settings_{c}, tell_{std::move(tell)}, lookup_{lookup} {}

  [[nodiscard]] result<void> present(const challenge_task&) override;

  /// Once, without waiting: condition::operator_needed until it is there.
  [[nodiscard]] result<void> look(const challenge_task&) override;

  [[nodiscard]] bool clean_up(const challenge_task&) noexcept override { return true; }  // the person's too

private:
  config settings_;
  person tell_;
  const dns_lookup& lookup_;
};

}  // namespace sealring::agent

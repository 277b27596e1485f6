// The policy once more, written plainly and slowly from the rules and by other means than the keeper's: for comparison only.
#pragma once

#include "agent/keeper/policy/policy.hpp"

namespace sealring::test::reference {

struct opinion {
  bool allowed = false;
  std::optional<std::string> pin_kid{};
  std::vector<std::uint64_t> approvals{};
  bool new_account = false;
};

opinion refer(const agent::policy::request&, const agent::policy::world&);

}  // namespace sealring::test::reference

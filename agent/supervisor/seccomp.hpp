// The filter of system calls, and the thread that answers for those it refuses.
#pragma once

#include "agent/failure.hpp"

#include <cstdint>
#include <functional>
#include <vector>

namespace sealring::agent {

/// A system call that was refused.
struct blocked_call {
  int number = 0;
  std::uint32_t first_argument = 0;
  [[nodiscard]] std::string name() const;
};

enum class naming { yes, kernel_cannot };

/// Lets the process and all its threads make only the allowed calls, with sockets of these families alone, signals to itself
/// alone, and no namespaces. `report` is called in a thread of its own for each call that is refused, and must not make one.
[[nodiscard]] result<naming> filter_system_calls(const std::vector<int>& families, std::function<void(blocked_call)> report);

}  // namespace sealring::agent

// The time of day in whole seconds, in which certificates, the store and the keeper's book count.
#pragma once

#include <chrono>

namespace sealring::agent {

struct wall_clock {
  [[nodiscard]] static std::chrono::sys_seconds now() noexcept {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  }
};

}  // namespace sealring::agent

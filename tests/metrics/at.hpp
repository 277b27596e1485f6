// Instants of these tests.
#pragma once

#include <chrono>

namespace sealring::test {

inline std::chrono::sys_seconds at(int seconds) { return std::chrono::sys_seconds{std::chrono::seconds{seconds}}; }

}  // namespace sealring::test

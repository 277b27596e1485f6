// What the kernel counts of a process: CPU time and context switches; and on which CPUs it may run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

namespace sealring::bench {

struct usage {
  double cpu = 0;              ///< seconds, user and system, of all its threads
  std::uint64_t switches = 0;  ///< voluntary
  usage& operator+=(const usage& other) noexcept {
    cpu += other.cpu;
    switches += other.switches;
    return *this;
  }
};

/// Of threads that are alive (a pool's). Nothing of a process that has gone.
[[nodiscard]] usage usage_of(pid_t);
[[nodiscard]] usage usage_of(const std::vector<pid_t>&);
/// By getrusage(2): threads that have ended count, children do not.
[[nodiscard]] usage usage_of_this_process();

/// Every thread that the process has; those to come inherit it. False where one of them may not run there.
[[nodiscard]] bool pin(pid_t, int cpu);

/// The processes that have this one for a parent.
[[nodiscard]] std::vector<pid_t> children_of(pid_t);

/// The value of "name:  value" in a file of such lines, as /proc has many; empty if there is none.
[[nodiscard]] std::string field(const std::string& file, const std::string& name);

}  // namespace sealring::bench

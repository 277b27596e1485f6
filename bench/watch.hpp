// What the kernel counts of a process: CPU time, context switches, memory; and on which CPUs it may run.
#pragma once

#include <cstdint>
#include <string>

#include <sys/types.h>

namespace bench {

struct usage {
  double cpu = 0;              ///< seconds, user and system, of all its threads
  std::uint64_t switches = 0;  ///< voluntary
};

/// Of threads that are alive: a pool's, or this process's own, joined ones included.
[[nodiscard]] usage usage_of(pid_t);
[[nodiscard]] usage usage_of_this_process();

[[nodiscard]] std::uint64_t resident_kib(pid_t);

/// Every thread that the process has; those to come inherit it. CPU -1: any.
void pin(pid_t, int cpu);

/// "AMD EPYC ..., 2 CPUs"
[[nodiscard]] std::string processor();
[[nodiscard]] std::string kernel();

/// What one fdatasync(2) of an appended record costs in this folder: the median, in seconds.
[[nodiscard]] double sync_cost(const std::string& folder);

}  // namespace bench

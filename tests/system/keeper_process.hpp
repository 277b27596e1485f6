// The keeper of a running agent, as /proc shows it to whoever may look.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>

#include <sys/types.h>

namespace sealring::test {

inline std::string read_proc(pid_t process, const char* name) {
  std::ifstream in{"/proc/" + std::to_string(process) + '/' + name};
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// The child of the agent that was started as "sealring-keeper".
inline std::optional<pid_t> keeper_of(pid_t agent) {
  std::istringstream children{read_proc(agent, ("task/" + std::to_string(agent) + "/children").c_str())};
  for (pid_t child = 0; children >> child;)
    if (read_proc(child, "cmdline").starts_with("sealring-keeper")) return child;
  return std::nullopt;
}

/// Whether each of its threads is stopped, which on a busy machine is a while after the signal.
inline bool is_stopped(pid_t process) {
  std::error_code gone;
  for (const auto& thread : std::filesystem::directory_iterator{"/proc/" + std::to_string(process) + "/task", gone}) {
    std::ifstream in{thread.path() / "stat"};
    const std::string stat{std::istreambuf_iterator<char>{in}, {}};
    if (stat.find(") T ") == stat.npos) return false;
  }
  return !gone;
}

struct use {
  long kilobytes = 0;    ///< resident
  long descriptors = 0;  ///< open; -1 where we may not look
};

inline use use_of(pid_t process) {
  use out;
  const std::string status = read_proc(process, "status");
  if (const auto at = status.find("VmRSS:"); at != status.npos) out.kilobytes = std::stol(status.substr(at + 6));
  std::error_code unseen;
  const std::filesystem::directory_iterator open{"/proc/" + std::to_string(process) + "/fd", unseen};
  out.descriptors = unseen ? -1 : std::distance(open, {});
  return out;
}

}  // namespace sealring::test

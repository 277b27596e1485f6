// Starts the roles, and starts again what dies or hangs. It loads no module and holds no secret. Of what others
// write it reads the operator's files and the manager's requests, which are lines of text.
#pragma once

#include "agent/supervisor/child.hpp"
#include "agent/supervisor/servant.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string_view>

namespace sealring::agent {

/// How patient it is. The defaults bring service back within a second of a crash, and within two of a hang.
struct supervisor_times {
  std::chrono::milliseconds silence{1200};           ///< without a sign of life: it hangs, and is killed
  std::chrono::milliseconds start{60'000};           ///< up to its first sign of life
  std::chrono::milliseconds first_delay{100};        ///< before it is started again; doubled each time,
  std::chrono::milliseconds longest_delay{10'000};   ///< up to this,
  std::chrono::milliseconds healthy{1000};           ///< until it has been ready for so long
  std::chrono::milliseconds operator_delay{30'000};  ///< after exit_operator_needed; SIGHUP is a reason to try at once
  std::chrono::milliseconds stop{5000};              ///< from SIGTERM to SIGKILL
};

struct supervisor_plan {
  child_plan keeper;
  std::optional<child_plan> manager;
  std::function<void(std::string_view line)> log;
  std::optional<servant_plan> commands{};  ///< that the manager may ask for
  supervisor_times times;
};

/// Runs until SIGTERM or SIGINT, and answers the exit status of the program. The calling thread's signal mask is changed
/// meanwhile. SIGHUP is forwarded: each role reloads its files itself. Under systemd it tells readiness (when the keeper is
/// ready), status, reloads and stopping, and feeds the watchdog.
[[nodiscard]] int run(const supervisor_plan&);

}  // namespace sealring::agent

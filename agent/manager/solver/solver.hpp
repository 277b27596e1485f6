// What makes the CA's validation of a challenge succeed.
#pragma once

#include "agent/failure.hpp"
#include "agent/manager/solver/challenge_task.hpp"

#include <functional>
#include <string_view>

namespace sealring::agent {

/// Its functions may be called from several threads at once, for different tasks.
class solver {
public:
  solver() = default;
  solver(const solver&) = delete;
  solver& operator=(const solver&) = delete;
  virtual ~solver() = default;

  /// Makes the resource or the record.
  [[nodiscard]] virtual result<void> present(const challenge_task&) = 0;

  /// Looks as the CA will, and waits, up to a deadline, until what was presented can be seen. Fails for what is surely wrong.
  /// What cannot be judged from here is a success, with a note for the log.
  [[nodiscard]] virtual result<void> look(const challenge_task&) = 0;

  /// Takes it back; also what an earlier process has presented. Twice does no harm. False if that is to be tried again.
  [[nodiscard]] virtual bool clean_up(const challenge_task&) noexcept = 0;
};

/// For the log, one line each. Called from any thread.
using note = std::function<void(std::string_view)>;

}  // namespace sealring::agent

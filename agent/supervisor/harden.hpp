// What every role does first, before it holds anything worth stealing.
#pragma once

#include "agent/failure.hpp"

namespace sealring::agent {

/// No core file, no debugger of the same user, and no new privileges by any program that might be started from here.
[[nodiscard]] result<void> harden_process();

}  // namespace sealring::agent

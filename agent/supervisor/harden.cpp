#include "agent/supervisor/harden.hpp"

#include <cerrno>

#include <sys/prctl.h>
#include <sys/resource.h>

namespace sealring::agent {

result<void> harden_process() {
  const rlimit none{0, 0};
  if (::setrlimit(RLIMIT_CORE, &none) != 0 || ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 ||
      ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return system_failure(errno, "cannot forbid core files and new privileges");
  }
  return {};
}

}  // namespace sealring::agent

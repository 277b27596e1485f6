#include "agent/supervisor/hand_over.hpp"

#include "agent/supervisor/descriptor.hpp"
#include "agent/text.hpp"

#include <cerrno>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace sealring::agent {

result<void> hand_over(const config& c, const user& manager, std::string_view name) {
  gid_t group = 0;
  if (!c.state.group.empty()) {
    auto found = find_group(c.state.group);
    if (!found) return found.error();
    group = *found;
  }
  const auto folder = c.state.live.parent_path();  // live/NAME leads to archive/NAME in it
  const descriptor base{::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
  if (!base) return system_failure(errno, "cannot open " + quote(folder.string()));
  // O_PATH, since root may be without the capability to read what is not its own.
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  for (const char* const file : {"privkey.pem", "combined.pem"}) {
    const auto path = c.state.live.filename() / name / file;
    const auto shown = quote((folder / path).string());
    const descriptor opened{static_cast<int>(::syscall(SYS_openat2, base.get(), path.c_str(), &how, sizeof how))};
    if (!opened) return system_failure(errno, "cannot open " + shown + " to give it to root");
    struct stat status{};
    if (::fstat(opened.get(), &status) != 0) return system_failure(errno, "cannot look at " + shown);
    const bool plain = S_ISREG(status.st_mode) && status.st_nlink == 1;
    if (!plain || (status.st_uid != manager.uid && status.st_uid != 0))
      return fail(condition::operator_needed, shown + " is no plain file of the user " + quote(manager.name) +
                                                  ", so it is not given to root; see who has put it there");
    const std::string itself = "/proc/self/fd/" + std::to_string(opened.get());
    if (::fchownat(opened.get(), "", 0, group, AT_EMPTY_PATH) != 0 || ::chmod(itself.c_str(), 0640) != 0)
      return system_failure(errno, "cannot give " + shown + " to root");
  }
  return {};
}

}  // namespace sealring::agent

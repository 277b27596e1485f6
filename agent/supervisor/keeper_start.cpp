#include "agent/supervisor/keeper_start.hpp"

#include "agent/file.hpp"
#include "agent/supervisor/environment.hpp"
#include "agent/supervisor/role_program.hpp"
#include "agent/text.hpp"
#include "sealring/config.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace sealring::agent {

namespace {

/// Whether the keeper, as another user than root, cannot open this file, and root may vouch for it: what the keeper asks of a
/// file that it opens itself.
bool only_root_reads(const std::filesystem::path& file) {
  struct stat found{};
  return ::lstat(file.c_str(), &found) == 0 && S_ISREG(found.st_mode) && found.st_uid == 0 && (found.st_mode & 077) == 0;
}

/// What the keeper cannot open itself: a file or a credential that is not its user's, and, where nobody has configured a PIN,
/// our terminal, at which the keeper asks whoever sits there.
std::filesystem::path pin_source(const config& c, const walls& users) {
  if (c.hsm.pin_file) return users.separate && only_root_reads(*c.hsm.pin_file) ? *c.hsm.pin_file : std::filesystem::path{};
  if (const char* credentials = std::getenv("CREDENTIALS_DIRECTORY"); credentials != nullptr && *credentials != '\0')
    return users.separate ? std::filesystem::path{credentials} / "pin" : std::filesystem::path{};
  const descriptor terminal{::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)};
  return terminal ? "/dev/tty" : "";
}

}  // namespace

std::filesystem::path keeper_folder(const config& c) { return c.state.keeper.value_or(c.state.live.parent_path() / "keeper"); }

result<child_plan> plan_keeper(const config& c, const walls& users) {
  const std::filesystem::path folder = keeper_folder(c);
  if (auto made = make_folders(folder.parent_path()); !made) return made.error();
  if (auto made = make_folders(folder, 0700); !made) return made.error();
  struct stat found{};
  if (::lstat(folder.c_str(), &found) != 0) return system_failure(errno, "cannot look at " + quote(folder.string()));
  if (users.keeper && found.st_uid != users.keeper->uid && ::lchown(folder.c_str(), users.keeper->uid, users.keeper->gid) != 0)
    return system_failure(errno, "cannot give " + quote(folder.string()) + " to the user " + users.keeper->name);
  auto program = open_keeper_program();
  if (!program) return program.error();
  std::vector<std::string> arguments{
      "sealring-keeper", "--started-by", version, "--config", c.file.string(), "--owner", std::to_string(::geteuid())};
  if (users.manager) arguments.insert(arguments.end(), {"--manager", std::to_string(users.manager->uid)});
  return child_plan{.program = *std::move(program),
                    .arguments = std::move(arguments),
                    .environment = role_environment(own_environment(), !users.separate, c.hsm.environment),
                    .listeners = {},
                    .as = users.keeper,
                    .pin = pin_source(c, users),
                    .name = "keeper"};
}

}  // namespace sealring::agent

#include "agent/supervisor/manager_start.hpp"

#include "agent/file.hpp"
#include "agent/supervisor/environment.hpp"
#include "agent/supervisor/keeper_start.hpp"
#include "agent/supervisor/landlock.hpp"
#include "agent/supervisor/role_program.hpp"
#include "agent/text.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>

#include <sys/stat.h>
#include <unistd.h>

namespace sealring::agent {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view store_scheme = "sqlite3://";

/// A folder of the manager's is made by us, and then never touched as root again: its owner could lead us anywhere.
result<void> give(const fs::path& folder, const user& manager) {
  struct stat found{};
  if (::lstat(folder.c_str(), &found) == 0) {
    if (S_ISDIR(found.st_mode) && found.st_uid == manager.uid) return {};
    return fail(condition::operator_needed,
                "the manager runs as the user " + quote(manager.name) + ", and " + quote(folder.string()) +
                    " is not its folder: let \"store\" and \"live\" under [state] be in a folder of "
                    "its own, and chown -R that to it");
  }
  if (errno != ENOENT) return system_failure(errno, "cannot look at " + quote(folder.string()));
  if (auto made = make_folders(folder.parent_path()); !made) return made;
  if (auto made = make_folders(folder); !made) return made;
  if (::lchown(folder.c_str(), manager.uid, manager.gid) != 0)
    return system_failure(errno, "cannot give " + quote(folder.string()) + " to the user " + quote(manager.name));
  return {};
}

/// Whoever owns a folder can put another in the place of anything below it.
result<void> keep_apart(const config& c, const fs::path& folder) {
  const fs::path keeper = keeper_folder(c);
  for (const auto& [path, what] :
       {std::pair{c.file, "the configuration"}, std::pair{keeper, "the keeper's folder (\"keeper\" under [state])"},
        std::pair{c.agent.audit, "the log (\"audit\" under [agent])"}}) {
    if (lies_in(path.lexically_normal(), folder))
      return fail(condition::operator_needed, what + std::string(" must not lie in ") + quote(folder.string()) +
                                                  ", which is the manager's: " + quote(path.string()) +
                                                  "; give manager and keeper folders of their own (\"store\", \"live\" and "
                                                  "\"keeper\" under [state], \"audit\" under [agent])");
  }
  return {};
}

bool is_low(std::string_view listen) {
  const std::string_view digits = listen.substr(std::min(listen.rfind(':') + 1, listen.size()));
  unsigned port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return error == std::errc{} && end == digits.data() + digits.size() && port > 0 && port < 1024;
}

bool needs_low_ports(const config& c) {
  const bool by_tls = std::ranges::any_of(
      c.certificates, [](const certificate_entry& entry) { return entry.challenge == challenge_type::tls_alpn01; });
  return is_low(c.http01.listen) || (by_tls && is_low(c.tls_alpn01.listen));
}

}  // namespace

std::vector<fs::path> manager_folders(const config& c) {
  std::vector<fs::path> folders{c.state.live.parent_path().lexically_normal()};
  if (!c.state.store.starts_with(store_scheme)) return folders;
  const fs::path store = fs::path(c.state.store.substr(store_scheme.size())).parent_path().lexically_normal();
  if (store != folders.front()) folders.push_back(store);
  return folders;
}

result<child_plan> plan_manager(const config& c, const walls& users) {
  for (const fs::path& folder : manager_folders(c)) {
    if (!users.manager) {
      if (auto made = make_folders(folder); !made) return made.error();
      continue;
    }
    if (auto apart = keep_apart(c, folder); !apart) return apart.error();
    if (auto given = give(folder, *users.manager); !given) return given.error();
  }
  auto program = open_this_program();
  if (!program) return program.error();
  return child_plan{.program = *std::move(program),
                    .arguments = {"sealring", "manager", "--config", c.file.string()},
                    .environment = role_environment(own_environment(), !users.separate),
                    .listeners = {},
                    .as = users.manager,
                    .pin = {},
                    .left = needs_low_ports(c) ? keep::low_ports : keep::nothing,
                    .name = "manager"};
}

manager_sandbox sandbox_of_manager(const config& c) {
  manager_sandbox box{.read = {c.file.parent_path()}, .write = manager_folders(c), .never = {keeper_folder(c), c.agent.audit}};
  for (const auto* more : {&c.ca.ca_file, &c.ca.eab_key_file, &c.dns01.tsig_key_file})
    if (*more) box.read.push_back(**more);
  if (c.fallback)
    for (const auto* more : {&c.fallback->ca_file, &c.fallback->eab_key_file})
      if (*more) box.read.push_back(**more);
  if (c.watch.ct_logs) box.read.push_back(c.watch.ct_logs->parent_path());  // it is replaced by rename(2) now and then
  if (c.http01.webroot) box.write.push_back(*c.http01.webroot);
  if (c.hsm.pin_file) box.never.push_back(*c.hsm.pin_file);
  box.never.insert(box.never.end(), c.hsm.paths.begin(), c.hsm.paths.end());
  box.never.insert(box.never.end(), c.hsm.devices.begin(), c.hsm.devices.end());
  return box;
}

}  // namespace sealring::agent

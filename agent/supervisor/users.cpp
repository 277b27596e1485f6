#include "agent/supervisor/users.hpp"

#include "agent/text.hpp"

#include <array>
#include <cerrno>

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

namespace sealring::agent {

result<user> find_user(std::string_view name) {
  const std::string text(name);
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> buffer(16384);
  const int error = ::getpwnam_r(text.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (error != 0) return system_failure(error, "cannot look up the user " + quote(name));
  if (!found) return fail(condition::operator_needed, "there is no user " + quote(name));
  user out{text, entry.pw_uid, entry.pw_gid, {}};
  int count = 64;
  out.groups.resize(static_cast<std::size_t>(count));
  if (::getgrouplist(text.c_str(), entry.pw_gid, out.groups.data(), &count) < 0) {
    out.groups.resize(static_cast<std::size_t>(count));
    if (::getgrouplist(text.c_str(), entry.pw_gid, out.groups.data(), &count) < 0) {
      return fail(condition::operator_needed, "cannot look up the groups of the user " + quote(name));
    }
  }
  out.groups.resize(static_cast<std::size_t>(count));
  return out;
}

walls find_walls(std::string_view keeper, std::string_view manager) {
  const uid_t self = ::geteuid();
  const std::string alone = "supervisor, keeper and manager share uid " + std::to_string(self) +
                            ": any program of that user can read the PIN from the keeper's memory";
  const auto none = [&](const std::string& why) { return walls{false, {}, {}, alone + "; " + why}; };
  if (self != 0) {
    return none("for walls between them start it as root or by systemd, with the users " + quote(keeper) + " and " +
                quote(manager));
  }
  auto k = find_user(keeper);
  auto m = find_user(manager);
  if (!k || !m) return none((k ? m : k).error().what + "; add it (systemd-sysusers does) for walls between them");
  if (k->uid == 0 || m->uid == 0 || k->uid == m->uid) {
    return none("the users " + quote(keeper) + " and " + quote(manager) + " must differ, and neither may be root");
  }
  std::string says = "keeper and manager run as the users " + quote(keeper) + " and " + quote(manager);
  return {true, *std::move(k), *std::move(m), std::move(says)};
}

int become(const user& who) noexcept {
  if (::setgroups(who.groups.size(), who.groups.data()) != 0) return errno;
  if (::setresgid(who.gid, who.gid, who.gid) != 0 || ::setresuid(who.uid, who.uid, who.uid) != 0) return errno;
  std::array<uid_t, 3> uid{};
  std::array<gid_t, 3> gid{};
  if (::getresuid(&uid[0], &uid[1], &uid[2]) != 0 || ::getresgid(&gid[0], &gid[1], &gid[2]) != 0) return errno;
  for (const uid_t id : uid)
    if (id != who.uid) return EPERM;
  for (const gid_t id : gid)
    if (id != who.gid) return EPERM;
  // A way back to root would make all of this a pretence.
  if (who.uid != 0 && ::setresuid(0, 0, 0) == 0) return EPERM;
  return 0;
}

}  // namespace sealring::agent

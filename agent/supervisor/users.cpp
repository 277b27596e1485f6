#include "agent/supervisor/users.hpp"

#include "agent/text.hpp"

#include <array>
#include <cerrno>
#include <charconv>

#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
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

result<gid_t> find_group(const std::string& name) {
  gid_t number = 0;
  const auto end = std::from_chars(name.data(), name.data() + name.size(), number);
  if (end.ec == std::errc{} && end.ptr == name.data() + name.size()) return number;
  group entry{};
  group* found = nullptr;
  std::vector<char> buffer(65536);
  const int error = ::getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (error != 0) return system_failure(error, "cannot look up the group " + quote(name));
  if (!found) return fail(condition::operator_needed, "there is no group " + quote(name) + "; [state] group names it");
  return found->gr_gid;
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

namespace {

// By number: what libcap does is three system calls, and it may not be called between fork and exec.
int restrict_capabilities(keep left) noexcept {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> sets{};
  if (::syscall(SYS_capget, &header, sets.data()) != 0) return errno;
  constexpr std::uint32_t low_ports = std::uint32_t{1} << CAP_NET_BIND_SERVICE;
  // A unit or a container may have taken the right from root already: then the listener says so, if it needs it.
  const std::uint32_t kept = left == keep::low_ports ? sets[0].permitted & low_ports : 0;
  sets = {};
  sets[0] = {kept, kept, kept};
  if (::syscall(SYS_capset, &header, sets.data()) != 0) return errno;
  // Only ambient ones survive exec in a program that is not root's.
  if (kept != 0 && ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_BIND_SERVICE, 0, 0) != 0) return errno;
  return 0;
}

}  // namespace

int become(const user& who, keep left) noexcept {
  if (::setgroups(who.groups.size(), who.groups.data()) != 0) return errno;
  // The change of users takes all capabilities away, unless they are to be kept; which of them, is said right after it.
  if (left != keep::nothing && ::prctl(PR_SET_KEEPCAPS, 1) != 0) return errno;
  if (::setresgid(who.gid, who.gid, who.gid) != 0 || ::setresuid(who.uid, who.uid, who.uid) != 0) return errno;
  if (const int error = restrict_capabilities(left); error != 0) return error;
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

#include "agent/supervisor/users.hpp"

#include "supervisor/unix_client.hpp"

#include "agent/supervisor/harden.hpp"

#include <cerrno>
#include <csignal>

#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

using namespace sealring;
using namespace sealring::test;
using Catch::Contains;

TEST_CASE("a user is found with its groups", "[users]") {
  const auto nobody = agent::find_user("nobody");
  REQUIRE(outcome(nobody) == "");
  CHECK(nobody->uid == 65534);
  CHECK(nobody->name == "nobody");
  REQUIRE_FALSE(nobody->groups.empty());
  CHECK(nobody->groups[0] == nobody->gid);
  const auto none = agent::find_user("sealring-no-such-user");
  REQUIRE(none.has_error());
  CHECK(none.error().code == condition::operator_needed);
  CHECK(none.error().what == "there is no user \"sealring-no-such-user\"");
}

TEST_CASE("there are walls only for root, between two users", "[users]") {
  CHECK_THAT(as_nobody([] { return agent::find_walls("daemon", "bin").says; }),
             Contains("share uid 65534") && Contains("can read the PIN") && Contains("start it as root or by systemd"));
  if (::geteuid() != 0) return;
  const auto good = agent::find_walls("daemon", "bin");
  CHECK(good.separate);
  CHECK(good.keeper->name == "daemon");
  CHECK(good.manager->name == "bin");
  CHECK(good.says == "keeper and manager run as the users \"daemon\" and \"bin\"");
  const auto missing = agent::find_walls("sealring-no-such-user", "bin");
  CHECK_FALSE(missing.separate);
  CHECK_FALSE(missing.keeper);
  CHECK_THAT(missing.says, Contains("share uid 0") && Contains("no user \"sealring-no-such-user\"; add it"));
  CHECK_THAT(agent::find_walls("bin", "bin").says, Contains("must differ"));
  CHECK_THAT(agent::find_walls("root", "bin").says, Contains("neither may be root"));
}

TEST_CASE("there is no way back from being another user", "[users]") {
  if (::geteuid() != 0) return;
  const agent::user stranger{"stranger", 61001, 61002, {61002, 61003}};
  const pid_t child = ::fork();
  if (child == 0) {
    if (agent::become(stranger) != 0) ::_exit(1);
    gid_t groups[8];
    const bool groups_right = ::getgroups(8, groups) == 2 && groups[1] == 61003;
    const bool stays = ::setuid(0) != 0 && ::setresuid(61001, 0, 0) != 0 && ::setgid(0) != 0 && ::setgroups(0, nullptr) != 0;
    ::_exit(groups_right && stays && ::getuid() == 61001 && ::getegid() == 61002 ? 0 : 2);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  CHECK(status == 0);
  CHECK(as_nobody([&] { return std::to_string(agent::become(stranger)); }) == std::to_string(EPERM));
}

namespace {

// "Prm Eff Amb" of /proc/self/status, in a process that has become a stranger and called another program.
std::string capabilities_after(agent::keep left) {
  line_pipe answer;
  const pid_t child = ::fork();
  if (child == 0) {
    if (agent::become({"stranger", 61001, 61002, {}}, left) != 0) ::_exit(1);
    ::dup2(answer.out.get(), STDOUT_FILENO);
    ::execlp("sed", "sed", "-n", "/^Cap[PEA][rfm]/{s/.*\\t//;H};${x;s/\\n/ /g;p}", "/proc/self/status", nullptr);
    ::_exit(1);
  }
  answer.out.reset();
  ::waitpid(child, nullptr, 0);
  return read_line(answer.in.get());
}

}  // namespace

TEST_CASE("another user has no capability, or the one that was kept", "[users]") {
  if (::geteuid() != 0) return;
  const std::string none = " 0000000000000000", low_ports = " 0000000000000400";
  CHECK(capabilities_after(agent::keep::nothing) == none + none + none);
  CHECK(capabilities_after(agent::keep::low_ports) == low_ports + low_ports + low_ports);
}

namespace {

// What a process of `uid` can do to one of the keeper's uid that holds a secret at `secret`: the names of what it could.
std::string attack(pid_t keeper, const char* secret, std::size_t size, uid_t uid) {
  line_pipe answer;
  const pid_t child = ::fork();
  if (child == 0) {
    if (agent::become({"attacker", uid, uid, {}}) != 0) ::_exit(1);
    char buffer[64]{};
    const iovec to{buffer, size}, from{const_cast<char*>(secret), size};
    std::string done = "\n";
    if (::process_vm_readv(keeper, &to, 1, &from, 1, 0) > 0 && std::memcmp(buffer, secret, size) == 0) done = "read " + done;
    if (::kill(keeper, 0) == 0) done = "kill " + done;
    if (::ptrace(PTRACE_SEIZE, keeper, nullptr, nullptr) == 0) done = "ptrace " + done;
    ::_exit(::write(answer.out.get(), done.data(), done.size()) < 0);
  }
  ::waitpid(child, nullptr, 0);
  return read_line(answer.in.get());
}

}  // namespace

TEST_CASE("another user can neither read the keeper's memory nor signal it", "[users]") {
  if (::geteuid() != 0) return;
  const bool hard = GENERATE(true, false);
  char secret[] = "1234567890";
  line_pipe ready;
  const pid_t keeper = ::fork();
  if (keeper == 0) {
    if (agent::become({"keeper", 61001, 61001, {}}) != 0) ::_exit(1);
    if (hard ? !agent::harden_process() : ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0) ::_exit(1);
    if (::write(ready.out.get(), "\n", 1) != 1) ::_exit(1);
    while (true) ::pause();
  }
  read_line(ready.in.get());
  CHECK(attack(keeper, secret, sizeof secret, 61002).empty());
  // The control: without walls, one uid and no hardening, all of it works.
  if (!hard) CHECK(attack(keeper, secret, sizeof secret, 61001) == "ptrace kill read ");
  ::kill(keeper, SIGKILL);
  ::waitpid(keeper, nullptr, 0);
}

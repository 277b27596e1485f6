#include "agent/supervisor/sandbox.hpp"

#include "supervisor/unix_client.hpp"

#include "agent/supervisor/harden.hpp"
#include "agent/supervisor/landlock.hpp"

#include <cerrno>
#include <csignal>
#include <functional>
#include <thread>

#include <linux/keyctl.h>
#include <sched.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>

using namespace sealring;
using namespace sealring::test;
using agent::sealed;
using Catch::Contains;

namespace {

#if defined(__SANITIZE_THREAD__)
constexpr bool thread_sanitizer = true;
#elif defined(__has_feature)
constexpr bool thread_sanitizer = __has_feature(thread_sanitizer);
#else
constexpr bool thread_sanitizer = false;
#endif

// What `work` answers in a process of its own: the seal is for good.
std::string in_child(const std::function<std::string()>& work) {
  line_pipe answer;
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const std::string text = work() + "\n";
    ::_exit(::write(answer.out.get(), text.data(), text.size()) < 0);
  }
  answer.out.reset();
  const std::string line = read_line(answer.in.get());
  int status = 0;
  ::waitpid(child, &status, 0);
  CHECK(status == 0);
  return line;
}

std::string in_keeper(const std::function<std::string(const sealed&)>& work, const agent::keeper_sandbox& s = {}) {
  return in_child([&] {
    if (auto hard = agent::harden_process(); !hard) return hard.error().what;
    const auto seal = agent::seal_keeper(s);
    return seal ? work(*seal) : seal.error().what;
  });
}

std::string in_manager(const std::function<std::string(const sealed&)>& work, const agent::manager_sandbox& s = {}) {
  return in_child([&] {
    const auto seal = agent::seal_manager(s);
    return seal ? work(*seal) : seal.error().what;
  });
}

// "name: EPERM", as the seal has named it and errno said.
std::string refusal(const sealed& seal, long returned) {
  const int error = errno;
  if (returned >= 0) return "allowed";
  return seal.last_blocked_call().value_or("not named") + ": " + (error == EPERM ? "EPERM" : std::to_string(error));
}

std::string opened(const std::filesystem::path& path, int flags) {
  const agent::descriptor file(::open(path.c_str(), flags | O_CLOEXEC, 0600));
  return file ? "open" : std::generic_category().message(errno);
}

}  // namespace

TEST_CASE("the keeper's own sockets are those of this machine", "[sandbox]") {
  CHECK(in_keeper([](const sealed& s) { return refusal(s, ::socket(AF_INET, SOCK_STREAM, 0)); }) == "socket(AF_INET): EPERM");
  CHECK(in_keeper([](const sealed& s) { return refusal(s, ::socket(AF_INET6, SOCK_DGRAM, 0)); }) == "socket(AF_INET6): EPERM");
  CHECK(in_keeper([](const sealed& s) { return refusal(s, ::socket(AF_NETLINK, SOCK_RAW, 0)); }) ==
        "socket(AF_NETLINK): EPERM");
  CHECK(in_keeper([](const sealed& s) { return refusal(s, ::socket(AF_PACKET, SOCK_RAW, 0)); }) == "socket(AF_PACKET): EPERM");
  // The kernel reads 32 bits: what stands above them must not hide the family.
  CHECK(in_keeper([](const sealed& s) { return refusal(s, ::syscall(SYS_socket, AF_UNIX | 1l << 32, 99, 0)); }) ==
        "not named: 22");
  CHECK(in_keeper([](const sealed& s) { return refusal(s, ::syscall(SYS_socket, AF_INET | 1l << 32, SOCK_STREAM, 0)); }) ==
        "socket(AF_INET): EPERM");
  CHECK(in_keeper([](const sealed& s) { return refusal(s, ::socket(AF_UNIX, SOCK_STREAM, 0)); }) == "allowed");
  int ends[2];
  CHECK(in_keeper([&](const sealed& s) { return refusal(s, ::socketpair(AF_UNIX, SOCK_STREAM, 0, ends)); }) == "allowed");

  INFO("a network HSM's module has the Internet, and no more");
  const agent::keeper_sandbox network{true, {}, {}, {}, {}};
  CHECK(in_keeper([](const sealed& s) { return refusal(s, ::socket(AF_INET, SOCK_STREAM, 0)); }, network) == "allowed");
  CHECK(in_keeper([](const sealed& s) { return refusal(s, ::socket(AF_PACKET, SOCK_RAW, 0)); }, network) ==
        "socket(AF_PACKET): EPERM");
}

TEST_CASE("the keeper starts no program", "[sandbox]") {
  char path[] = "/bin/true";
  char* arguments[] = {path, nullptr};
  CHECK(in_keeper([&](const sealed& s) { return refusal(s, ::execve(path, arguments, environ)); }) == "execve: EPERM");
  CHECK(in_keeper([&](const sealed& s) {
          return refusal(s, ::syscall(SYS_execveat, AT_FDCWD, path, arguments, environ, 0));
        }) == "execveat: EPERM");
  // All signals are blocked in the child of posix_spawn, and still the call is refused rather than deadly.
  CHECK(in_keeper([&](const sealed& s) {
          pid_t pid = 0;
          errno = ::posix_spawn(&pid, path, nullptr, nullptr, arguments, environ);
          return refusal(s, errno == 0 ? 0 : -1);
        }) == "execve: EPERM");
}

TEST_CASE("the keeper reaches no other process", "[sandbox]") {
  const pid_t other = ::getpid();
  char buffer[8]{};
  const iovec part{buffer, sizeof buffer};
  using call = std::function<long()>;
  const auto refused = [](const call& c) { return in_keeper([&](const sealed& s) { return refusal(s, c()); }); };
  CHECK(refused([&] { return ::ptrace(PTRACE_SEIZE, other, nullptr, nullptr); }) == "ptrace: EPERM");
  CHECK(refused([&] { return ::process_vm_readv(other, &part, 1, &part, 1, 0); }) == "process_vm_readv: EPERM");
  CHECK(refused([&] { return ::process_vm_writev(other, &part, 1, &part, 1, 0); }) == "process_vm_writev: EPERM");
  CHECK(refused([&] { return ::kill(other, SIGCONT); }) == "kill: EPERM");
  CHECK(refused([&] { return ::kill(-1, SIGCONT); }) == "kill: EPERM");
  CHECK(refused([&] { return ::kill(0, SIGCONT); }) == "kill: EPERM");
  CHECK(refused([&] { return ::syscall(SYS_tgkill, other, other, SIGCONT); }) == "tgkill: EPERM");
  CHECK(refused([&] { return ::syscall(SYS_tkill, other, SIGCONT); }) == "tkill: EPERM");
  CHECK(refused([&] { return ::syscall(SYS_pidfd_getfd, 0, 0, 0); }) == "pidfd_getfd: EPERM");
  CHECK(refused([&] { return ::syscall(SYS_kcmp, other, other, 0, 0, 0); }) == "kcmp: EPERM");
  CHECK(refused([&] { return ::prlimit(other, RLIMIT_CORE, nullptr, nullptr); }) == "prlimit64: EPERM");
  CHECK(refused([&] { return ::raise(SIGCONT); }) == "allowed");
  CHECK(refused([&] { return ::kill(::getpid(), SIGCONT); }) == "allowed");
}

TEST_CASE("the keeper has none of the kernel's other doors", "[sandbox]") {
  struct door {
    const char* name;
    long number;
  };
  for (const door d : {door{"bpf", SYS_bpf},
                       door{"perf_event_open", SYS_perf_event_open},
                       door{"userfaultfd", SYS_userfaultfd},
                       door{"mount", SYS_mount},
                       door{"umount2", SYS_umount2},
                       door{"pivot_root", SYS_pivot_root},
                       door{"unshare", SYS_unshare},
                       door{"setns", SYS_setns},
                       door{"init_module", SYS_init_module},
                       door{"finit_module", SYS_finit_module},
                       door{"keyctl", SYS_keyctl},
                       door{"reboot", SYS_reboot},
                       door{"kexec_load", SYS_kexec_load},
                       door{"swapon", SYS_swapon},
                       door{"io_uring_setup", SYS_io_uring_setup},
                       door{"setresuid", SYS_setresuid},
                       door{"chroot", SYS_chroot},
                       door{"personality", SYS_personality},
                       door{"open_by_handle_at", SYS_open_by_handle_at},
                       door{"landlock_create_ruleset", SYS_landlock_create_ruleset},
                       door{"seccomp", SYS_seccomp}}) {
    CHECK(in_keeper([&](const sealed& s) { return refusal(s, ::syscall(d.number, -1, 0, 0, 0, 0, 0)); }) ==
          std::string(d.name) + ": EPERM");
  }
  CHECK(in_keeper([](const sealed& s) {
          return refusal(s, ::syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, nullptr, nullptr, nullptr, nullptr));
        }) == "clone: EPERM");
  // A call that is newer than this program must look missing: the C library then has another way.
  CHECK(in_keeper([](const sealed& s) { return refusal(s, ::syscall(4000)); }) == "system call 4000: 38");
}

TEST_CASE("what a module and we ourselves need still works", "[sandbox]") {
  const scratch_folder folder;
  const std::string told = in_keeper([&](const sealed& s) -> std::string {
    std::string failed;
    int answer = 0;
    std::thread([&] { answer = 42; }).join();
    if (answer != 42) failed += " threads";
    void* const shared = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) failed += " mmap";
    const std::string name = "/sealring-test-" + std::to_string(::getpid());
    const agent::descriptor memory(::shm_open(name.c_str(), O_RDWR | O_CREAT | O_EXCL, 0600));
    ::shm_unlink(name.c_str());
    if (!memory || ::ftruncate(memory.get(), 4096) != 0) failed += " shm";
    if (::mlock(shared, 4096) != 0) failed += " mlock";
    spill(folder / "file", "content");
    if (slurp(folder / "file") != "content") failed += " files";
    const pid_t child = ::fork();
    if (child == 0) ::_exit(7);
    int status = 0;
    if (::waitpid(child, &status, 0) != child || WEXITSTATUS(status) != 7) failed += " fork";
    return failed + " blocked " + std::to_string(s.blocked_calls());
  });
  CHECK(told == " blocked 0");
}

TEST_CASE("a call that a thread makes with its signals blocked is refused all the same", "[sandbox]") {
  CHECK(in_keeper([](const sealed& s) {
          std::string answer;
          std::thread([&] {
            sigset_t all;
            ::sigfillset(&all);
            ::pthread_sigmask(SIG_SETMASK, &all, nullptr);
            answer = refusal(s, ::socket(AF_INET, SOCK_STREAM, 0));
          }).join();
          return answer + ", " + std::to_string(s.blocked_calls());
        }) == "socket(AF_INET): EPERM, 1");
}

TEST_CASE("a hardened process leaves no core and cannot be looked into", "[sandbox]") {
  CHECK(in_keeper([](const sealed& s) {
          rlimit core{1, 1};
          ::getrlimit(RLIMIT_CORE, &core);
          return std::to_string(core.rlim_max) + " " + std::to_string(::prctl(PR_GET_DUMPABLE)) + " " +
                 std::to_string(::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)) + " " + s.says();
        }) == "0 0 1 " +
                  (agent::landlock_version() > 0 ? "Landlock " + std::to_string(agent::landlock_version()) + ": no programs"
                                                 : std::string("this kernel has no Landlock: files are not restricted")) +
                  "; seccomp: system calls of a list, refused ones are named");
}

TEST_CASE("only where paths are set is a module held to them", "[sandbox]") {
  if (agent::landlock_version() == 0) return;
  const scratch_folder folder;
  spill(folder / "token/key", "k");
  spill(folder / "other/file", "f");
  spill(folder / "conf/toml", "c");
  const auto tries = [&](const sealed&) {
    return opened(folder / "token/key", O_RDWR) + ", " + opened(folder / "token/new", O_RDWR | O_CREAT) + "; " +
           opened(folder / "conf/toml", O_RDONLY) + ", " + opened(folder / "conf/toml", O_WRONLY) + "; " +
           opened(folder / "other/file", O_RDONLY) + "; " + opened("/etc/passwd", O_RDONLY) + ", " +
           opened("/dev/null", O_RDWR);
  };
  CHECK(in_keeper(tries) == "open, open; open, open; open; open, open");
  CHECK(in_keeper(tries, {false, {folder / "token"}, {}, {folder / "conf"}, {}}) ==
        "open, open; open, Permission denied; Permission denied; open, open");
  CHECK_THAT(in_keeper(tries, {false, {folder / "none"}, {}, {}, {}}), Contains("/none\": No such file or directory"));
}

TEST_CASE("the manager is kept from the keeper's files", "[sandbox]") {
  if (agent::landlock_version() == 0) return;
  const scratch_folder folder;
  for (const char* file :
       {"etc/sealring.toml", "etc/conf.d/a.toml", "etc/pin", "tokens/t", "state/state.db", "keeper/audit.log"}) {
    spill(folder / file, "x");
  }
  std::filesystem::create_symlink("pin", folder / "etc/link");
  const agent::manager_sandbox s{
      {folder / "etc"}, {folder / "state"}, {folder / "etc/pin", folder / "tokens", folder / "keeper"}};
  const auto tries = [&](const sealed&) {
    return opened(folder / "etc/sealring.toml", O_RDONLY) + ", " + opened(folder / "etc/conf.d/a.toml", O_RDONLY) + ", " +
           opened(folder / "state/state.db", O_RDWR) + ", " + opened(folder / "state/journal", O_RDWR | O_CREAT) + "; " +
           opened(folder / "etc/pin", O_RDONLY) + ", " + opened(folder / "etc/link", O_RDONLY) + ", " +
           opened(folder / "tokens/t", O_RDONLY) + ", " + opened(folder / "keeper/audit.log", O_WRONLY | O_TRUNC) + ", " +
           opened(folder / "etc/conf.d/b.toml", O_WRONLY | O_CREAT) + ", " + opened(folder / "etc/sealring.toml", O_WRONLY);
  };
  const std::string no = "Permission denied";
  CHECK(in_manager(tries, s) == "open, open, open, open; " + no + ", " + no + ", " + no + ", " + no + ", " + no + ", " + no);
  CHECK(slurp(folder / "keeper/audit.log") == "x");

  INFO("what lies where the manager writes cannot be walled off, and that is said");
  CHECK_THAT(in_manager([](const sealed& seal) { return seal.says(); }, {{}, {folder.path}, {folder / "etc/pin"}}),
             Contains("/etc/pin\" is not walled off, for the manager writes in"));
}

TEST_CASE("the manager has the Internet, and none of its fellow processes", "[sandbox]") {
  CHECK(in_manager([](const sealed& s) { return refusal(s, ::socket(AF_INET6, SOCK_STREAM, 0)); }) == "allowed");
  const pid_t keeper = ::getpid();
  char buffer[8]{};
  const iovec part{buffer, sizeof buffer};
  CHECK(in_manager([&](const sealed& s) { return refusal(s, ::process_vm_readv(keeper, &part, 1, &part, 1, 0)); }) ==
        "process_vm_readv: EPERM");
  CHECK(in_manager([&](const sealed& s) { return refusal(s, ::kill(keeper, SIGCONT)); }) == "kill: EPERM");
  CHECK_THAT(in_manager([&](const sealed&) { return opened("/proc/" + std::to_string(keeper) + "/mem", O_RDONLY); }),
             Contains("Permission denied") || Contains("Operation not permitted"));
}

TEST_CASE("the seal is closed before another thread starts", "[sandbox]") {
  if (thread_sanitizer) return;  // it has a thread of its own from the start, so that the seal cannot tell
  CHECK_THAT(in_child([] {
               line_pipe end;
               std::thread other([&] { read_line(end.in.get()); });
               const auto refused = agent::seal_keeper({});
               end.out.reset();
               other.join();
               return refused ? "sealed" : refused.error().what;
             }),
             Contains("before another thread starts"));
}

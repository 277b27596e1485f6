// What a taken-over manager would try, in the manager's place: as its user, in its sandbox, or in neither.
//
// usage: captive [as=USER] [sealed] keeper=PID address=HEX pin=FILE token=FILE config=FILE audit=FILE mark=FILE manager=FOLDER
// One line an attempt: "could" or "could not", a tab, what it was. Nothing that succeeds does harm but the last, SIGTERM.

#include "agent/supervisor/harden.hpp"
#include "agent/supervisor/sandbox.hpp"
#include "agent/supervisor/users.hpp"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>

#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace sealring::agent;

namespace {

std::map<std::string, std::string> given;

pid_t keeper() { return std::atoi(given["keeper"].c_str()); }
std::string config_folder() { return std::filesystem::path{given["config"]}.parent_path(); }
std::string keeper_file(const char* name) { return "/proc/" + given["keeper"] + "/" + name; }

bool can_open(const std::string& path, int flags) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC, 0644);
  if (fd >= 0) ::close(fd);
  return fd >= 0;
}

/// Moves it away, and back.
bool can_move(const std::string& path) {
  const std::string away = path + ".away";
  return ::rename(path.c_str(), away.c_str()) == 0 && ::rename(away.c_str(), path.c_str()) == 0;
}

bool can_write_new(const std::string& path) {
  const bool could = can_open(path, O_WRONLY | O_CREAT | O_EXCL);
  if (could) ::unlink(path.c_str());
  return could;
}

// To the size that it has. `size` was looked up when nothing stood in the way.
bool can_truncate(const std::string& path, off_t size) { return ::truncate(path.c_str(), size) == 0; }

void* address() { return reinterpret_cast<void*>(std::strtoull(given["address"].c_str(), nullptr, 16)); }

bool can_read_memory() {
  char octet = 0;
  const iovec to{&octet, 1}, from{address(), 1};
  return ::process_vm_readv(keeper(), &to, 1, &from, 1, 0) == 1;
}

bool can_read_memory_file() {
  const int fd = ::open(keeper_file("mem").c_str(), O_RDONLY | O_CLOEXEC);
  char octet = 0;
  const bool could = fd >= 0 && ::pread(fd, &octet, 1, reinterpret_cast<off_t>(address())) == 1;
  if (fd >= 0) ::close(fd);
  return could;
}

bool can_trace(__ptrace_request how) {
  if (::ptrace(how, keeper(), nullptr, nullptr) != 0) return false;
  if (how == PTRACE_SEIZE) ::ptrace(PTRACE_INTERRUPT, keeper(), nullptr, nullptr);
  ::waitpid(keeper(), nullptr, __WALL);  // only one that stands still can be let go
  ::ptrace(PTRACE_DETACH, keeper(), nullptr, nullptr);
  return true;
}

bool can_take_descriptor() {
  const int process = static_cast<int>(::syscall(SYS_pidfd_open, keeper(), 0));
  const int taken = process >= 0 ? static_cast<int>(::syscall(SYS_pidfd_getfd, process, 2, 0)) : -1;
  if (taken >= 0) ::close(taken);
  if (process >= 0) ::close(process);
  return taken >= 0;
}

bool can_signal_by_descriptor() {
  const int process = static_cast<int>(::syscall(SYS_pidfd_open, keeper(), 0));
  const bool could = process >= 0 && ::syscall(SYS_pidfd_send_signal, process, SIGCONT, nullptr, 0) == 0;
  if (process >= 0) ::close(process);
  return could;
}

struct attempt {
  const char* what;
  std::function<bool()> works;
};

std::vector<attempt> attempts(off_t audit_size) {
  return {
      {"read the PIN", [] { return can_open(given["pin"], O_RDONLY); }},
      {"read the token", [] { return can_open(given["token"], O_RDONLY); }},
      {"write the token", [] { return can_open(given["token"], O_WRONLY); }},
      {"read the record of PIN tries", [] { return can_open(given["mark"], O_RDONLY); }},
      {"remove the record of PIN tries", [] { return can_move(given["mark"]); }},
      {"move the keeper's folder", [] { return can_move(std::filesystem::path{given["mark"]}.parent_path()); }},
      {"read the audit log", [] { return can_open(given["audit"], O_RDONLY); }},
      {"append to the audit log", [] { return can_open(given["audit"], O_WRONLY | O_APPEND); }},
      {"truncate the audit log", [audit_size] { return can_truncate(given["audit"], audit_size); }},
      {"move the audit log", [] { return can_move(given["audit"]); }},
      {"write sealring.toml", [] { return can_open(given["config"], O_WRONLY); }},
      {"move sealring.toml", [] { return can_move(given["config"]); }},
      {"write conf.d", [] { return can_write_new(config_folder() + "/conf.d/evil.toml"); }},
      {"move conf.d", [] { return can_move(config_folder() + "/conf.d"); }},
      {"read the keeper's memory", can_read_memory},
      {"read /proc/KEEPER/mem", can_read_memory_file},
      {"read /proc/KEEPER/environ", [] { return can_open(keeper_file("environ"), O_RDONLY); }},
      {"read /proc/KEEPER/maps", [] { return can_open(keeper_file("maps"), O_RDONLY); }},
      {"write /proc/KEEPER/mem", [] { return can_open(keeper_file("mem"), O_WRONLY); }},
      {"reopen a file of the keeper's", [] { return can_open(keeper_file("fd/2"), O_WRONLY | O_APPEND); }},
      {"take a file of the keeper's", can_take_descriptor},
      {"trace the keeper (seize)", [] { return can_trace(PTRACE_SEIZE); }},
      {"trace the keeper (attach)", [] { return can_trace(PTRACE_ATTACH); }},
      {"signal the keeper (pidfd)", can_signal_by_descriptor},
      {"signal the keeper (0)", [] { return ::kill(keeper(), 0) == 0; }},
      {"signal the keeper (SIGSTOP, SIGCONT)", [] { return ::kill(keeper(), SIGSTOP) == 0 && ::kill(keeper(), SIGCONT) == 0; }},
      {"end the keeper (SIGTERM)", [] { return ::kill(keeper(), SIGTERM) == 0; }},
  };
}

int fail(const std::string& why) {
  std::cerr << "captive: " << why << "\n";
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    const auto equals = word.find('=');
    given[std::string{word.substr(0, equals)}] = equals == std::string_view::npos ? "" : word.substr(equals + 1);
  }
  struct stat audit{};
  if (::stat(given["audit"].c_str(), &audit) != 0) return fail("there is no audit log");
  if (given.contains("as")) {
    const auto who = find_user(given["as"]);
    if (!who) return fail(who.error().what);
    if (const int error = become(*who); error != 0) return fail("cannot become the user: " + std::to_string(error));
  }
  std::optional<sealed> walls;
  if (given.contains("sealed")) {
    if (auto hard = harden_process(); !hard) return fail(hard.error().what);
    const std::filesystem::path pin = given["pin"], mark = given["mark"];
    auto closed = seal_manager(
        {.read = {config_folder()}, .write = {given["manager"]}, .never = {pin.parent_path(), mark.parent_path()}});
    if (!closed) return fail(closed.error().what);
    walls = *std::move(closed);
    std::cout << "#\t" << walls->says() << "\n";
  }
  for (const attempt& one : attempts(audit.st_size))
    std::cout << (one.works() ? "could" : "could not") << '\t' << one.what << "\n";
  std::cout << std::flush;
  ::_exit(0);
}

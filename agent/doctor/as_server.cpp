#include "agent/doctor/probe.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <sstream>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sealring::agent::doctor {

namespace {

struct ended_process {
  std::string said;
  std::string why;  ///< empty: it ended well
};

/// A program of ours, and all that it says on standard output.
ended_process run_ourselves(const std::vector<std::string>& arguments) {
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return {{}, std::strerror(errno)};
  posix_spawn_file_actions_t actions{};
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pipe[1], STDOUT_FILENO);
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (const std::string& one : arguments) argv.push_back(const_cast<char*>(one.c_str()));
  argv.push_back(nullptr);
  pid_t pid = -1;
  const int failed = ::posix_spawn(&pid, "/proc/self/exe", &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(pipe[1]);
  ended_process out;
  std::array<char, 4096> part{};
  for (ssize_t size = 1; failed == 0 && size != 0;) {
    size = ::read(pipe[0], part.data(), part.size());
    if (size > 0) out.said.append(part.data(), static_cast<std::size_t>(size));
    if (size < 0 && errno != EINTR) break;
  }
  ::close(pipe[0]);
  if (failed != 0) return {{}, std::strerror(failed)};
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status)) out.why = "it died of signal " + std::to_string(WTERMSIG(status));
  else if (WEXITSTATUS(status) != 0) out.why = "it ended with status " + std::to_string(WEXITSTATUS(status));
  return out;
}

}  // namespace

std::string to_line(const finding& f) {
  return boost::json::serialize(boost::json::object{{"check", f.check}, {"good", f.good}, {"says", f.says}});
}

bool from_line(const std::string& line, finding& f) {
  boost::system::error_code bad;
  const auto value = boost::json::parse(line, bad);
  const auto* const o = bad ? nullptr : value.if_object();
  const auto* const check = o ? o->if_contains("check") : nullptr;
  const auto* const good = o ? o->if_contains("good") : nullptr;
  const auto* const says = o ? o->if_contains("says") : nullptr;
  if (!check || !check->is_string() || !good || !good->is_bool() || !says || !says->is_string()) return false;
  f.check = check->get_string().c_str();
  f.good = good->get_bool();
  f.says = says->get_string().c_str();
  return true;
}

void check_as_server(const server_role& role, const std::string& of, findings& found) {
  std::vector<std::string> arguments{"sealring", "probe", "--live", role.live, "--openssl-conf", role.openssl_conf};
  if (!role.user.empty()) arguments.insert(arguments.end(), {"--user", role.user});
  if (!role.chroot.empty()) arguments.insert(arguments.end(), {"--chroot", role.chroot});
  if (role.is_client) arguments.emplace_back("--is-client");
  if (role.reads_as_user) arguments.emplace_back("--reads-as-user");
  const auto ended = run_ourselves(arguments);
  std::istringstream lines{ended.said};
  for (std::string line; std::getline(lines, line);)
    if (finding f{of, {}, false, {}}; from_line(line, f)) found.push_back(std::move(f));
  if (!ended.why.empty()) found.push_back({of, "process", false, "the process that was to act as the server: " + ended.why});
}

}  // namespace sealring::agent::doctor

#include "agent/supervisor/command.hpp"

#include "agent/duration.hpp"
#include "agent/supervisor/child.hpp"
#include "agent/supervisor/pointers.hpp"
#include "agent/text.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include <fcntl.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sealring::agent {
namespace {

constexpr std::size_t kept_output = 500;
constexpr std::size_t read_at_once = 65536;  // as much as a pipe holds: who writes without end does not keep us here

// posix_spawn's two lists of what is to be different in the child; the first error stays.
class differences {
public:
  differences() {
    note(::posix_spawn_file_actions_init(&files_));
    note(::posix_spawnattr_init(&rest_));
  }
  differences(const differences&) = delete;
  differences& operator=(const differences&) = delete;
  ~differences() {
    ::posix_spawn_file_actions_destroy(&files_);
    ::posix_spawnattr_destroy(&rest_);
  }

  void set(int output) {
    note(::posix_spawn_file_actions_addopen(&files_, STDIN_FILENO, "/dev/null", O_RDONLY, 0));
    note(::posix_spawn_file_actions_adddup2(&files_, output, STDOUT_FILENO));
    note(::posix_spawn_file_actions_adddup2(&files_, output, STDERR_FILENO));
    note(::posix_spawn_file_actions_addclosefrom_np(&files_, STDERR_FILENO + 1));
    note(::posix_spawn_file_actions_addchdir_np(&files_, "/"));
    // What is ignored or blocked here would stay so.
    sigset_t all, none;
    ::sigfillset(&all);
    ::sigemptyset(&none);
    note(::posix_spawnattr_setsigdefault(&rest_, &all));
    note(::posix_spawnattr_setsigmask(&rest_, &none));
    note(::posix_spawnattr_setpgroup(&rest_, 0));
    note(::posix_spawnattr_setflags(&rest_, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP));
  }
  [[nodiscard]] int error() const noexcept { return error_; }
  [[nodiscard]] const posix_spawn_file_actions_t* files() const noexcept { return &files_; }
  [[nodiscard]] const posix_spawnattr_t* rest() const noexcept { return &rest_; }

private:
  void note(int error) {
    if (error_ == 0) error_ = error;
  }
  posix_spawn_file_actions_t files_{};
  posix_spawnattr_t rest_{};
  int error_ = 0;
};

}  // namespace

result<command> command::start(const std::vector<std::string>& arguments, const std::vector<std::string>& environment,
                               std::chrono::seconds limit) {
  if (arguments.empty()) return fail(condition::bad_input, "a command needs a program");
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return system_failure(errno, "cannot make a pipe");
  command out;
  out.output_ = descriptor(ends[0]);
  const descriptor written(ends[1]);
  if (::fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0) return system_failure(errno, "cannot read a pipe");
  out.program_ = quote(arguments.front());
  out.limit_ = limit;
  auto texts = arguments;
  auto variables = environment;
  differences d;
  d.set(written.get());
  int error = d.error();
  if (error == 0)
    error = ::posix_spawnp(&out.pid_, arguments.front().c_str(), d.files(), d.rest(), pointers(texts).data(),
                           pointers(variables).data());
  if (error != 0) {
    out.pid_ = -1;
    return system_failure(error, "cannot start " + out.program_);
  }
  // By number: the header of glibc 2.36 declares it for C alone.
  out.pidfd_ = descriptor(static_cast<int>(::syscall(SYS_pidfd_open, out.pid_, 0)));
  if (!out.pidfd_) return system_failure(errno, "cannot watch " + out.program_);
  out.deadline_ = clock::now() + limit;
  return out;
}

command::command(command&& other) noexcept { *this = std::move(other); }

command& command::operator=(command&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(pidfd_, other.pidfd_);
  std::swap(output_, other.output_);
  std::swap(said_, other.said_);
  std::swap(program_, other.program_);
  std::swap(limit_, other.limit_);
  std::swap(deadline_, other.deadline_);
  return *this;
}

command::~command() { kill_group(); }

// The group's number is the leader's, which is ours until we have reaped it.
void command::kill_group() {
  if (pid_ < 0) return;
  ::kill(-pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

void command::read_output() {
  std::array<char, 4096> buffer{};
  for (std::size_t total = 0; output_ && total < read_at_once;) {
    const ssize_t got = ::read(output_.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (got <= 0) return output_.reset();
    total += static_cast<std::size_t>(got);
    said_.append(buffer.data(), static_cast<std::size_t>(got));
    if (said_.size() > kept_output) said_.erase(0, said_.size() - kept_output);
  }
}

failure command::failed(const std::string& how) const {
  std::string said = said_;
  while (!said.empty() && (said.back() == '\n' || said.back() == ' ')) said.pop_back();
  std::ranges::replace(said, '\n', ' ');
  return fail(condition::operator_needed,
              program_ + " " + how + (said.empty() ? ", and wrote nothing" : ": " + one_line(said)));
}

std::optional<result<void>> command::look(clock::time_point now) {
  siginfo_t ended{};
  const bool over =
      pid_ >= 0 && ::waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid == pid_;
  read_output();  // after the question: it may have written up to its end
  if (!over && now < deadline_) return std::nullopt;
  if (!over) {
    kill_group();
    read_output();
    return result<void>(failed("timed out after " + duration_text(limit_) + " and was killed"));
  }
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return result<void>();
  const ending how = WIFSIGNALED(status) ? ending{0, WTERMSIG(status)} : ending{WEXITSTATUS(status), 0};
  return result<void>(failed(how.text()));
}

}  // namespace sealring::agent

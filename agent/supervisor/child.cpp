#include "agent/supervisor/child.hpp"

#include "agent/supervisor/heartbeat.hpp"
#include "agent/supervisor/pointers.hpp"
#include "agent/text.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

namespace sealring::agent {
namespace {

constexpr int first_descriptor = 10;
constexpr int out_of_the_way = 200;  // above any that is handed over

// All that the child needs, made before the fork: after it, in a program with threads, memory cannot be had safely.
struct preparation {
  int program;
  std::vector<char*> arguments;
  std::vector<char*> environment;
  std::vector<int> handed_over;  // in the order of their numbers from 10 on
  const user* as;
  keep left;
  int status;  // errno is written there if the program cannot be started
  pid_t parent;
};

[[noreturn]] void give_up(int status, int error) {
  if (::write(status, &error, sizeof error) < 0) ::_exit(126);
  ::_exit(127);
}

// In the child, up to exec: async-signal-safe calls only.
[[noreturn]] void enter(preparation& p) {
  // A number to be given may be one that is still needed, so all move away first.
  const int status = ::fcntl(p.status, F_DUPFD_CLOEXEC, out_of_the_way);
  if (status < 0) give_up(p.status, errno);
  p.program = ::fcntl(p.program, F_DUPFD_CLOEXEC, out_of_the_way);
  if (p.program < 0) give_up(status, errno);
  for (int& fd : p.handed_over) {
    fd = ::fcntl(fd, F_DUPFD_CLOEXEC, out_of_the_way);
    if (fd < 0) give_up(status, errno);
  }
  int next = first_descriptor;
  for (const int fd : p.handed_over)
    if (::dup2(fd, next++) < 0) give_up(status, errno);
  if (::close_range(3, first_descriptor - 1, CLOSE_RANGE_CLOEXEC) != 0 ||
      ::close_range(static_cast<unsigned>(next), ~0u, CLOSE_RANGE_CLOEXEC) != 0) {
    give_up(status, errno);
  }
  // Handlers are reset by exec; what is ignored or blocked would stay so. A SIGHUP waits until the role listens.
  for (int signal = 1; signal < NSIG; ++signal)
    if (signal != SIGKILL && signal != SIGSTOP) ::signal(signal, SIG_DFL);
  sigset_t later;
  ::sigemptyset(&later);
  ::sigaddset(&later, SIGHUP);
  ::sigprocmask(SIG_SETMASK, &later, nullptr);
  ::setsid();
  if (p.as) {
    if (const int error = become(*p.as, p.left); error != 0) give_up(status, error);
  }
  // After become, which clears it. A parent that has died before this line sends no signal any more. Not SIGKILL: a module that
  // is killed while it writes may lose its token.
  if (::prctl(PR_SET_PDEATHSIG, SIGTERM) != 0) give_up(status, errno);
  if (::getppid() != p.parent) ::_exit(127);
  ::execveat(p.program, "", p.arguments.data(), p.environment.data(), AT_EMPTY_PATH);
  give_up(status, errno);
}

result<std::pair<descriptor, descriptor>> make_pipe(int flags) {
  int ends[2];
  if (::pipe2(ends, flags | O_CLOEXEC) != 0) return system_failure(errno, "cannot make a pipe");
  return std::pair{descriptor(ends[0]), descriptor(ends[1])};
}

}  // namespace

bool ending::operator_needed() const noexcept { return signal == 0 && status == exit_operator_needed; }

std::string ending::text() const {
  if (signal == 0) return "exited with status " + std::to_string(status);
  const char* const name = ::sigdescr_np(signal);
  return "was killed by signal " + std::to_string(signal) + (name ? " (" + std::string(name) + ")" : "");
}

result<child> child::start(const child_plan& plan, child_ends ends) {
  const std::string doing = "cannot start the " + plan.name;
  auto alive = make_pipe(O_NONBLOCK);
  if (!alive) return alive.error();
  auto status = make_pipe(0);
  if (!status) return status.error();
  descriptor pin;
  if (!plan.pin.empty()) {
    pin = descriptor(::open(plan.pin.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!pin) return system_failure(errno, doing + ": cannot open the PIN's file " + quote(plan.pin.string()));
  }

  preparation p{plan.program.get(),   {},        {}, plan.listeners, plan.as ? &*plan.as : nullptr, plan.left,
                status->second.get(), ::getpid()};
  int number = first_descriptor;
  keeper_descriptors told;
  for (std::size_t i = 0; i < plan.listeners.size(); ++i) told.listeners.push_back(number++);
  const auto hand_over = [&](const descriptor& d, int& name) {
    if (!d) return;
    p.handed_over.push_back(d.get());
    name = number++;
  };
  hand_over(ends.link, told.link);
  hand_over(ends.links, told.links);
  hand_over(alive->second, told.alive);
  hand_over(pin, told.pin);
  if (number > out_of_the_way) return fail(condition::bad_input, doing + ": too many sockets are to be listened on");

  auto arguments = plan.arguments;
  arguments.insert(arguments.end(), {"--descriptors", encode(told)});
  auto environment = plan.environment;
  p.arguments = pointers(arguments);
  p.environment = pointers(environment);

  child out;
  out.pid_ = ::fork();
  if (out.pid_ == 0) enter(p);
  if (out.pid_ < 0) return system_failure(errno, doing);
  // By number: the header of glibc 2.36 declares it for C alone.
  out.pidfd_ = descriptor(static_cast<int>(::syscall(SYS_pidfd_open, out.pid_, 0)));
  if (!out.pidfd_) return system_failure(errno, doing);
  out.alive_ = std::move(alive->first);

  status->second.reset();
  int error = 0;
  ssize_t got = 0;
  do got = ::read(status->first.get(), &error, sizeof error);
  while (got < 0 && errno == EINTR);
  if (got > 0) return system_failure(error, plan.as ? doing + " as the user " + quote(plan.as->name) : doing);
  return out;
}

child::child(child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), pidfd_(std::move(other.pidfd_)), alive_(std::move(other.alive_)) {}

child& child::operator=(child&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(pidfd_, other.pidfd_);
  std::swap(alive_, other.alive_);
  return *this;
}

child::~child() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

// The number cannot have been given to another process: it is ours until we have reaped it.
void child::send(int signal) const noexcept {
  if (pid_ > 0) ::kill(pid_, signal);
}

std::optional<ending> child::wait(std::chrono::milliseconds patience) {
  if (pid_ < 0) return std::nullopt;
  const auto deadline = std::chrono::steady_clock::now() + patience;
  pollfd ended{pidfd_.get(), POLLIN, 0};
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    const int ready = ::poll(&ended, 1, static_cast<int>(std::max<std::int64_t>(left, 0)));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return std::nullopt;
    break;
  }
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return WIFSIGNALED(status) ? ending{0, WTERMSIG(status)} : ending{WEXITSTATUS(status), 0};
}

}  // namespace sealring::agent

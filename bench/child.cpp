#include "bench/child.hpp"

#include "agent/text.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

namespace sealring::bench {
namespace {

/// An agent gives its own roles half of it.
constexpr std::chrono::seconds longest_end{10};

}  // namespace

agent::result<std::unique_ptr<child>> child::start(std::span<const std::string> words, const std::filesystem::path& log) {
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (out < 0) return agent::system_failure(errno, log.string());
  std::vector<char*> pointers;
  for (const auto& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t id = ::fork();
  if (id == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) ::_exit(1);
    ::setpgid(0, 0);  // an interrupt at the terminal is ours to pass on
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
    ::execv(pointers.front(), pointers.data());
    ::_exit(1);
  }
  const int failed = errno;
  ::close(out);
  if (id < 0) return agent::system_failure(failed, "starting " + words.front());
  return std::unique_ptr<child>{new child{id}};
}

bool child::gone() noexcept {
  if (id_ < 0) return true;
  pid_t ended = 0;
  do ended = ::waitpid(id_, nullptr, WNOHANG);
  while (ended < 0 && errno == EINTR);
  if (ended != 0) id_ = -1;
  return id_ < 0;
}

child::~child() {
  if (gone()) return;
  ::kill(id_, SIGTERM);
  for (const auto patience = std::chrono::steady_clock::now() + longest_end; !gone();) {
    if (std::chrono::steady_clock::now() > patience) break;
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  if (id_ < 0) return;
  ::kill(id_, SIGKILL);
  while (::waitpid(id_, nullptr, 0) < 0 && errno == EINTR) continue;
}

agent::result<std::unique_ptr<temporary_folder>> temporary_folder::make() {
  std::string name = (std::filesystem::temp_directory_path() / "sealring-bench-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr || ::chmod(name.c_str(), 0711) != 0)
    return agent::system_failure(errno, "making the folder " + name);
  return std::unique_ptr<temporary_folder>{new temporary_folder{name}};
}

temporary_folder::~temporary_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string last_line(const std::filesystem::path& file) {
  std::string last;
  std::ifstream in{file};
  for (std::string line; std::getline(in, line);) last = line;
  return agent::one_line(last);
}

}  // namespace sealring::bench

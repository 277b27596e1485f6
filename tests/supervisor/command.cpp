#include "agent/supervisor/command.hpp"

#include "agent/scratch.hpp"
#include "agent/supervisor/environment.hpp"

#include <csignal>

#include <fcntl.h>
#include <poll.h>

using namespace sealring;
using namespace sealring::test;
using namespace std::chrono_literals;
using agent::command;
using Catch::Contains;

namespace {

agent::result<void> run_to_end(command& one) {
  while (true) {
    if (auto ended = one.look(command::clock::now())) return *ended;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(one.deadline() - command::clock::now()).count();
    pollfd poll[]{{one.output(), POLLIN, 0}, {one.pidfd(), POLLIN, 0}};
    REQUIRE(::poll(poll, 2, static_cast<int>(std::max<std::int64_t>(left, 0)) + 10) >= 0);
  }
}

agent::result<void> run(const std::vector<std::string>& arguments, std::chrono::seconds limit = 30s) {
  auto started = command::start(arguments, {"PATH=/usr/bin:/bin", "ONLY=this"}, limit);
  if (!started) return started.error();
  return run_to_end(*started);
}

std::string shell(const std::string& script, std::chrono::seconds limit = 30s) {
  return outcome(run({"sh", "-c", script}, limit));
}

bool gone(pid_t process) { return ::kill(process, 0) != 0; }

}  // namespace

TEST_CASE("how a command ends is told", "[command]") {
  CHECK(shell("exit 0") == "");
  CHECK(shell("exit 3") == "\"sh\" exited with status 3, and wrote nothing");
  CHECK(shell("echo one; echo two >&2; exit 1") == "\"sh\" exited with status 1: one two");
  CHECK(shell("kill -TERM $$") == "\"sh\" was killed by signal 15 (Terminated), and wrote nothing");
  CHECK(outcome(run({"/no/such/program"})) == "cannot start \"/no/such/program\": No such file or directory");
  CHECK(outcome(run({"/dev/null"})) == "cannot start \"/dev/null\": Permission denied");
  CHECK_THAT(outcome(run({})), Contains("needs a program"));
}

TEST_CASE("of much output the end is kept, and it keeps nobody waiting", "[command]") {
  const auto said = shell("head -c 3000000 /dev/zero | tr '\\0' x; echo last words; exit 1");
  CHECK(said.size() < 600);
  CHECK_THAT(said, Catch::EndsWith("xxlast words"));
  CHECK_THAT(shell("printf 'bell\\007 \\033[2J'; exit 1"), Catch::EndsWith("bell? ?[2J"));
}

TEST_CASE("a command is given nothing of ours", "[command]") {
  const scratch_folder folder;
  const int open_here = ::open("/dev/null", O_RDONLY);  // close-on-exec or not
  std::signal(SIGPIPE, SIG_IGN);
  sigset_t some, before;
  ::sigemptyset(&some);
  ::sigaddset(&some, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &some, &before);
  const auto file = (folder / "seen").string();
  REQUIRE(shell("exec >" + file + "; pwd; env | sort; ls /proc/$$/fd; cat; exec grep -E 'Sig(Blk|Ign)' /proc/self/status") ==
          "");
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  ::close(open_here);
  const auto seen = slurp(file);
  CHECK_THAT(seen, Catch::StartsWith("/\nONLY=this\nPATH=/usr/bin:/bin\n"));
  CHECK_THAT(seen, Contains("SigBlk:\t0000000000000000\n"));
  CHECK_THAT(seen, Catch::Matches("[^]*SigIgn:\t[0-9a-f]{8}[08]0000000\n"));  // but for two of the C library's own
  CHECK_THAT(seen, !Contains("\n" + std::to_string(open_here) + "\n"));
}

TEST_CASE("one that takes too long is killed with all it has started", "[command]") {
  const scratch_folder folder;
  const auto file = (folder / "pids").string();
  const auto begun = command::clock::now();
  CHECK(shell("echo working; sleep 100 & echo $$ $! >" + file + "; wait", 3s) ==
        "\"sh\" timed out after 3s and was killed: working");
  CHECK(command::clock::now() - begun < 10s);
  std::istringstream pids(slurp(file));
  pid_t shell_pid = 0, sleeping = 0;
  REQUIRE(pids >> shell_pid >> sleeping);
  CHECK(gone(shell_pid));
  for (int i = 0; i < 1000 && !gone(sleeping); ++i) ::usleep(1000);  // until init has reaped it
  // In a container without an init it stays a zombie.
  CHECK((gone(sleeping) || slurp("/proc/" + std::to_string(sleeping) + "/stat").find(") Z ") != std::string::npos));
}

TEST_CASE("what it leaves in the background is not waited for", "[command]") {
  const auto begun = command::clock::now();
  CHECK(shell("sleep 20 & exit 0") == "");
  CHECK(command::clock::now() - begun < 15s);
}

TEST_CASE("one that is given up is killed", "[command]") {
  pid_t process = 0;
  {
    auto one = command::start({"sleep", "100"}, {"PATH=/usr/bin:/bin"}, 30s);
    REQUIRE(outcome(one) == "");
    CHECK_FALSE(one->look(command::clock::now()));
    std::istringstream info(slurp("/proc/self/fdinfo/" + std::to_string(one->pidfd())));
    for (std::string line; std::getline(info, line);)
      if (line.starts_with("Pid:")) process = std::stoi(line.substr(4));
    REQUIRE(process > 0);
    CHECK_FALSE(gone(process));
  }
  CHECK(gone(process));
}

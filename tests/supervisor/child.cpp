#include "agent/supervisor/child.hpp"

#include "supervisor/unix_client.hpp"

#include "agent/supervisor/environment.hpp"
#include "agent/supervisor/heartbeat.hpp"
#include "agent/supervisor/links.hpp"
#include "agent/supervisor/listeners.hpp"
#include "agent/supervisor/role_program.hpp"

#include <csignal>
#include <sstream>

using namespace sealring;
using namespace sealring::test;
using namespace std::chrono_literals;
using Catch::Contains;

namespace {

agent::child_plan plan(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "role");
  return {agent::open_program(FAKE_ROLE).value(),
          std::move(arguments),
          agent::role_environment(agent::own_environment(), true),
          {},
          {},
          {}};
}

// All of the child's report that begins with `what`, a line each.
std::string reported(const std::filesystem::path& file, const std::string& what) {
  std::istringstream in(slurp(file));
  std::string out, line;
  while (std::getline(in, line))
    if (line.starts_with(what + " ")) out += line.substr(what.size() + 1) + "\n";
  return out;
}

}  // namespace

TEST_CASE("a child is given what was planned and nothing else", "[child]") {
  const scratch_folder folder;
  const auto file = folder / "shown";
  const auto a = agent::open_listener((folder / "a").string()).value();
  const auto b = agent::open_listener((folder / "b").string()).value();
  spill(folder / "pin", "1234");
  const line_pipe inherited;  // one that must not be
  ::fcntl(inherited.in.get(), F_SETFD, 0);
  sigset_t blocked, before;
  ::sigemptyset(&blocked);
  ::sigaddset(&blocked, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &blocked, &before);

  auto p = plan({"show", file.string(), "more"});
  p.environment = {"ONE=1"};
  p.listeners = {a.socket.get(), b.socket.get()};
  p.pin = folder / "pin";
  auto [ours, link] = agent::socket_pair(SOCK_STREAM).value();
  auto child = agent::child::start(p, {std::move(link), {}});
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  REQUIRE(outcome(child) == "");
  const auto ended = child->wait(30s);
  REQUIRE(ended);
  CHECK(ended->text() == "exited with status 0");
  char byte = 0;
  CHECK(::read(child->alive(), &byte, 1) == 1);
  CHECK(byte == 'R');

  CHECK(reported(file, "argument") ==
        "role\nshow\n" + file.string() + "\nmore\n--descriptors\n" + "L=10,11;link=12;alive=13;pin=14\n");
  CHECK_THAT(reported(file, "variable"), Catch::StartsWith("ONE=1\n"));       // sanitizers may add their own
  CHECK(reported(file, "descriptor") == "0\n1\n2\n3\n10\n11\n12\n13\n14\n");  // 3 is the report itself
  CHECK(reported(file, "session") == "1\n");
  CHECK(reported(file, "pin") == "1234\n");
}

TEST_CASE("a child becomes another user before the program starts", "[child]") {
  if (::geteuid() != 0) return;
  const scratch_folder folder;
  ::chmod(folder.path.c_str(), 0777);
  auto p = plan({"show", (folder / "shown").string()});
  // The program's own folder may be closed to that user: it is opened by the supervisor's own right to it.
  const scratch_folder closed;
  ::chmod(closed.path.c_str(), 0700);
  std::filesystem::copy_file(FAKE_ROLE, closed / "role");
  p.program = agent::open_program(closed / "role").value();
  p.as = agent::user{"stranger", 61001, 61002, {61002}};
  auto child = agent::child::start(p);
  REQUIRE(outcome(child) == "");
  REQUIRE(child->wait(30s));
  CHECK(reported(folder / "shown", "user") == "61001 61001 61002\n");
}

TEST_CASE("what cannot be started says why", "[child]") {
  CHECK_THAT(outcome(agent::open_program("/nonexistent/program")), Contains("\"/nonexistent/program\": No such file"));
  auto p = plan({"show"});
  p.name = "keeper";
  p.program = agent::open_program("/etc/passwd").value();
  CHECK(outcome(agent::child::start(p)) == "cannot start the keeper: Permission denied");
  p.program = agent::open_program(FAKE_ROLE).value();
  p.pin = "/nonexistent/pin";
  CHECK_THAT(outcome(agent::child::start(p)), Contains("cannot open the PIN's file \"/nonexistent/pin\""));
  p.pin.clear();
  p.as = agent::user{"stranger", 61001, 61001, {}};
  CHECK_THAT(as_nobody([&] { return outcome(agent::child::start(p)); }),
             Contains("as the user \"stranger\": Operation not perm"));
}

TEST_CASE("the way in which a child has ended is told", "[child]") {
  auto crashed = agent::child::start(plan({"crash"})).value();
  CHECK(crashed.wait(30s)->text() == "exited with status 1");
  auto refused = agent::child::start(plan({"refused"})).value();
  CHECK(refused.wait(30s)->operator_needed());
  CHECK(read_line(refused.alive()) == "Ethe token");
  auto serving = agent::child::start(plan({"serve"})).value();
  CHECK_FALSE(serving.wait(0ms));
  serving.send(SIGKILL);
  CHECK(serving.wait(30s)->text() == "was killed by signal 9 (Killed)");
  CHECK_FALSE(serving.wait(0ms));
  serving.send(SIGKILL);  // there is nobody any more
}

TEST_CASE("a child does not outlive its handle, nor its parent however that dies", "[child]") {
  pid_t pid = 0;
  {
    auto child = agent::child::start(plan({"stubborn"})).value();
    pid = child.pid();
    REQUIRE(::kill(pid, 0) == 0);
  }
  CHECK(::kill(pid, 0) != 0);

  line_pipe alive;
  const pid_t parent = ::fork();
  if (parent == 0) {
    auto p = plan({"serve"});
    // Held by the grandchild alone once its parent is dead: its end is seen here.
    p.listeners = {alive.out.get()};
    const auto child = agent::child::start(p);
    if (!child || ::write(alive.out.get(), "started\n", 8) != 8) ::_exit(1);
    while (true) ::pause();
  }
  alive.out.reset();
  CHECK(read_line(alive.in.get()) == "started");
  ::kill(parent, SIGKILL);
  ::waitpid(parent, nullptr, 0);
  char byte = 0;
  pollfd ended{alive.in.get(), POLLIN, 0};
  REQUIRE(::poll(&ended, 1, 30'000) == 1);
  CHECK(::read(alive.in.get(), &byte, 1) == 0);
}

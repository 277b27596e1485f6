#include "agent/supervisor/supervisor.hpp"

#include "supervisor/unix_client.hpp"

#include "agent/supervisor/environment.hpp"
#include "agent/supervisor/listeners.hpp"
#include "agent/supervisor/role_program.hpp"

#include <csignal>
#include <thread>

using namespace sealring;
using namespace sealring::test;
using namespace std::chrono_literals;
using Catch::Contains;

namespace {

agent::child_plan role(const std::string& what) {
  return {agent::open_program(FAKE_ROLE).value(),
          {"role", what},
          agent::role_environment(agent::own_environment(), true),
          {},
          {},
          {}};
}

// A supervisor in a process of its own, which listens on one socket and whose log is read line by line. Here nobody else holds
// the socket.
class running {
public:
  explicit running(const std::string& keeper, const std::string& manager = {}, agent::supervisor_times times = {},
                   bool systemd = false)
      : systemd_(systemd) {
    auto sockets = agent::open_listeners({address_}).value();
    REQUIRE(::mkfifo(pipe().c_str(), 0600) == 0);
    pid_ = ::fork();
    if (pid_ == 0) serve(sockets, keeper, manager, times);
    log_.out.reset();
  }
  ~running() {
    if (pid_ > 0) ::kill(pid_, SIGKILL);
    if (pid_ > 0) ::waitpid(pid_, nullptr, 0);
  }
  running(const running&) = delete;
  running& operator=(const running&) = delete;

  void send(int signal) const { ::kill(pid_, signal); }
  // What the reload command of certificate "a" reads, and waits for.
  [[nodiscard]] std::filesystem::path pipe() const { return folder_ / "pipe"; }

  // The next line of the log in which the text is.
  std::string await(const std::string& text) {
    while (true) {
      auto line = read_line(log_.in.get());
      if (line.empty()) FAIL("the log has ended, or nothing happens; awaited was: " << text);
      if (line.find(text) != std::string::npos) return line;
    }
  }
  // What systemd was told.
  std::string notified() {
    char buffer[2000];
    pollfd ready{notify_.get(), POLLIN, 0};
    if (::poll(&ready, 1, 30'000) != 1) return "nothing";
    const ssize_t got = ::recv(notify_.get(), buffer, sizeof buffer, 0);
    return {buffer, got > 0 ? static_cast<std::size_t>(got) : 0};
  }
  std::string await_notified(const std::string& text) {
    while (true) {
      auto told = notified();
      if (told.starts_with(text) || told == "nothing") return told;
    }
  }

  struct answer {
    pid_t pid = 0;
    int reloads = 0;
    std::string linked;
  };
  // Asks the keeper, whoever that is now. The connection waits in the socket's queue while there is none.
  answer ask() const {
    while (true) {
      const auto client = call(address_);
      REQUIRE(client);
      std::istringstream line(read_line(client.get()));
      answer out;
      // A keeper may be killed with our connection accepted and not answered: typed error, dial again.
      if (line >> out.pid >> out.reloads) {
        std::getline(line >> std::ws, out.linked);
        return out;
      }
    }
  }
  int end(int signal) {
    send(signal);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return status;
  }

private:
  [[noreturn]] void serve(const std::vector<agent::listener>& sockets, const std::string& keeper, const std::string& manager,
                          agent::supervisor_times times) {
    if (systemd_) {
      ::setenv("NOTIFY_SOCKET", notify_address_.c_str(), 1);
      ::setenv("WATCHDOG_USEC", "200000", 1);
      ::unsetenv("WATCHDOG_PID");
    }
    agent::supervisor_plan plan;
    plan.keeper = role(keeper);
    plan.keeper.listeners = agent::numbers(sockets);
    if (!manager.empty()) plan.manager = role(manager);
    agent::config settings;
    settings.certificates.push_back({.name = "a"});
    settings.certificates.back().reload = {"cat", pipe().string()};
    plan.commands.emplace();
    plan.commands->settings = [&settings]() -> agent::result<agent::config> { return settings; };
    plan.times = times;
    plan.log = [this](std::string_view line) {
      const std::string text = std::string(line) + "\n";
      if (::write(log_.out.get(), text.data(), text.size()) < 0) ::_exit(101);
    };
    ::_exit(agent::run(plan));
  }

  static agent::descriptor notify_socket(const std::string& address) {
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    std::memcpy(at.sun_path, address.data(), address.size());
    agent::descriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size());
    REQUIRE(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&at), size) == 0);
    return socket;
  }

  scratch_folder folder_;
  std::string address_ = (folder_ / "s").string();
  std::string notify_address_ = (folder_ / "notify").string();
  agent::descriptor notify_ = notify_socket(notify_address_);
  line_pipe log_;
  bool systemd_;  // which reads what it is told: where nobody does, a supervisor waits
  pid_t pid_ = -1;
};

}  // namespace

TEST_CASE("a keeper that is killed is started again, and the socket outlives it", "[supervisor]") {
  running agent("serve");
  const auto first = agent.ask().pid;
  ::kill(first, SIGKILL);
  const auto second = agent.ask().pid;  // a client that waits in the queue meanwhile
  CHECK(second != first);
  CHECK_THAT(agent.await("next start"), Contains("keeper was killed by signal 9 (Killed); next start in 100 ms"));
  ::kill(second, SIGKILL);
  CHECK(agent.ask().pid != second);
  CHECK_THAT(agent.await("next start"), Contains("in 200 ms"));  // it has not been well for a minute
}

TEST_CASE("a keeper that hangs is killed and started again", "[supervisor]") {
  running agent("serve");
  const auto first = agent.ask().pid;
  ::kill(first, SIGSTOP);
  const auto second = agent.ask().pid;
  CHECK(second != first);
  CHECK_THAT(agent.await("silent"), Contains("and is killed"));
}

TEST_CASE("a keeper that is long in starting is left to it, and one that never says anything is not", "[supervisor]") {
  agent::supervisor_times times;
  times.start = 500ms;
  SECTION("long") {
    running agent("slow", {}, times);
    CHECK_THAT(agent.await("ready"), Contains("ready"));
  }
  SECTION("never") {
    running agent("hang", {}, times);
    CHECK_THAT(agent.await("silent"), Contains("keeper silent for "));
  }
}

TEST_CASE("starts that fail are spaced out, and a minute of health forgives", "[supervisor]") {
  agent::supervisor_times times;
  times.first_delay = 1ms;
  times.longest_delay = 4ms;
  SECTION("crash") {
    running agent("crash", {}, times);
    for (const char* delay : {"1 ms", "2 ms", "4 ms", "4 ms"}) {
      CHECK(agent.await("next start") == "keeper exited with status 1; next start in " + std::string(delay));
    }
  }
  SECTION("health") {
    times.healthy = 0ms;
    running agent("serve", {}, times);
    for (int i = 0; i < 3; ++i) {
      ::kill(agent.ask().pid, SIGKILL);
      CHECK_THAT(agent.await("next start"), Catch::EndsWith("next start in 1 ms"));
    }
  }
}

TEST_CASE("trouble is told once, however many processes it takes", "[supervisor]") {
  running agent("troubled");
  const std::string trouble = "keeper answers, and does no more: the token is down";
  CHECK_THAT(agent.await("keeper"), Contains("started as process"));
  for (int i = 0; i < 2; ++i) {
    CHECK_THAT(agent.await("keeper"), Contains("ready after"));
    CHECK(agent.await("keeper") == trouble);
    CHECK(agent.await("keeper") == "keeper ready again");
    CHECK(agent.await("keeper") == trouble);  // and not a word of how it ends and begins
  }
}

TEST_CASE("what only a person can mend is tried again on SIGHUP", "[supervisor]") {
  running agent("refused", {}, {}, true);
  const std::string line = "keeper could not start: the token?refused the PIN; next start in 30000 ms, or on SIGHUP";
  CHECK(agent.await("next start") == line);
  CHECK(agent.await_notified("STATUS=keeper could").substr(7) == line);
  agent.send(SIGHUP);
  CHECK(agent.await("next start") == line);
}

TEST_CASE("systemd is told", "[supervisor]") {
  running agent("serve", {}, {}, true);
  CHECK(agent.await_notified("READY=1") == "READY=1");
  CHECK(agent.await_notified("WATCHDOG=1") == "WATCHDOG=1");
  agent.send(SIGHUP);
  CHECK_THAT(agent.await_notified("RELOADING=1"), Contains("\nMONOTONIC_USEC="));
  CHECK(agent.await_notified("READY=1") == "READY=1");
  while (agent.ask().reloads != 1) std::this_thread::yield();  // it was forwarded
  agent.send(SIGTERM);
  CHECK(agent.await_notified("STOPPING=1") == "STOPPING=1");
}

TEST_CASE("it stops when it is told, and takes all with it", "[supervisor]") {
  agent::supervisor_times times;
  times.stop = 200ms;
  const std::string keeper = GENERATE("serve", "stubborn", "hang", "refused");
  CAPTURE(keeper);
  running agent(keeper, {}, times);
  agent.await(keeper == "refused" ? "next start" : "started");
  if (keeper == "stubborn") agent.await("ready");
  const int status = agent.end(GENERATE(SIGTERM, SIGINT));
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  if (keeper == "stubborn") CHECK_THAT(agent.await("stopped:"), Contains("killed by signal 9"));
}

TEST_CASE("asked twice, it does not wait", "[supervisor]") {
  running agent("stubborn", {}, {}, true);
  agent.await("ready");
  agent.send(SIGTERM);
  CHECK(agent.await_notified("STOPPING=1") == "STOPPING=1");
  CHECK(agent.end(SIGTERM) == 0);
}

TEST_CASE("manager and keeper are linked, and linked again whichever dies", "[supervisor]") {
  running agent("serve", "manager");
  const auto linked_with = [&](const auto& good) {
    auto answer = agent.ask();
    while (!good(answer)) answer = agent.ask();
    return answer;
  };
  const auto first = linked_with([](const auto& a) { return !a.linked.empty(); });
  REQUIRE_THAT(first.linked, Catch::StartsWith("hello from "));
  const pid_t manager = std::stoi(first.linked.substr(11));

  ::kill(first.pid, SIGKILL);
  const auto second = linked_with([&](const auto& a) { return a.linked == first.linked; });
  CHECK(second.pid != first.pid);

  ::kill(manager, SIGKILL);
  const auto third = linked_with([&](const auto& a) { return a.linked != first.linked; });
  CHECK(third.pid == second.pid);  // a manager's death costs no keeper
  CHECK(agent.end(SIGTERM) == 0);
}

TEST_CASE("while a command runs, all else goes on", "[supervisor]") {
  running agent("serve", "asking");
  const auto first = agent.ask().pid;
  // Opened when the command has opened it to read: then it runs, and will until this is closed.
  agent::descriptor held(::open(agent.pipe().c_str(), O_WRONLY | O_CLOEXEC));
  REQUIRE(held);
  ::kill(first, SIGKILL);
  auto answer = agent.ask();
  while (answer.pid == first || answer.linked.empty()) answer = agent.ask();
  CHECK_THAT(answer.linked, Catch::StartsWith("hello from "));
  held.reset();
  while (answer.linked.starts_with("hello")) answer = agent.ask();
  CHECK(answer.linked == "done 1");
  CHECK(agent.end(SIGTERM) == 0);
}

TEST_CASE("a manager that dies takes its command's end with it, and nothing else", "[supervisor]") {
  agent::supervisor_times times;
  times.stop = 300ms;
  running agent("serve", "asking", times);
  agent::descriptor held(::open(agent.pipe().c_str(), O_WRONLY | O_CLOEXEC));
  REQUIRE(held);
  auto answer = agent.ask();
  while (answer.linked.empty()) answer = agent.ask();
  const auto first = answer.linked;
  ::kill(std::stoi(first.substr(11)), SIGKILL);
  while (answer.linked == first) answer = agent.ask();
  CHECK_THAT(answer.linked, Catch::StartsWith("hello from "));

  INFO("the next one's turn comes; a command that hangs is killed when all ends");
  CHECK(agent.end(SIGTERM) == 0);
  std::signal(SIGPIPE, SIG_IGN);
  const char byte = 0;
  CHECK(::write(held.get(), &byte, 1) < 0);
}

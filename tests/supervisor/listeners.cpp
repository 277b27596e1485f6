#include "agent/supervisor/listeners.hpp"

#include "agent/supervisor/systemd.hpp"
#include "supervisor/unix_client.hpp"

#include <fcntl.h>
#include <signal.h>

using namespace sealring;
using namespace sealring::test;
using Catch::Contains;

TEST_CASE("a socket is opened in a folder that is made for it", "[listeners]") {
  const scratch_folder folder;
  const std::string path = (folder / "run/sign.sock").string();
  const mode_t before = ::umask(077);
  const auto opened = agent::open_listener(path);
  ::umask(before);
  REQUIRE(outcome(opened) == "");
  CHECK(mode_of(path) == 0666);
  CHECK(mode_of(folder / "run") == 0755);
  CHECK((::fcntl(opened->socket.get(), F_GETFL) & O_NONBLOCK) != 0);
  CHECK((::fcntl(opened->socket.get(), F_GETFD) & FD_CLOEXEC) != 0);
  CHECK(call(path));
  CHECK(std::distance(std::filesystem::directory_iterator(folder / "run"), {}) == 1);  // no temporary name is left
}

TEST_CASE("a socket whose owner has died is replaced, and is never not there", "[listeners]") {
  const scratch_folder folder;
  const std::string path = (folder / "s").string();
  {
    const auto gone = agent::open_listener(path).value();
  }
  REQUIRE(std::filesystem::exists(path));
  CHECK_FALSE(call(path));

  // Another looks all the time whether there is a socket.
  line_pipe go;
  const pid_t watcher = ::fork();
  if (watcher == 0) {
    struct stat status{};
    bool first = true;
    while (::stat(path.c_str(), &status) == 0) {
      if (first && ::write(go.out.get(), "\n", 1) != 1) break;
      first = false;
    }
    ::_exit(1);
  }
  read_line(go.in.get());
  for (int i = 0; i < 20; ++i) {
    CHECK(outcome(agent::open_listener(path)) == "");
  }
  ::kill(watcher, SIGKILL);
  int status = 0;
  ::waitpid(watcher, &status, 0);
  CHECK(WIFSIGNALED(status));  // rather than by itself, for it has seen none
}

TEST_CASE("a socket that is answered is refused, and by whom is said", "[listeners]") {
  const scratch_folder folder;
  const bool abstract = GENERATE(false, true);
  const std::string address = abstract ? "@sealring-test-" + std::to_string(::getpid()) : (folder / "s").string();
  const auto first = agent::open_listener(address);
  REQUIRE(outcome(first) == "");
  CHECK(call(address));
  const auto second = agent::open_listener(address);
  REQUIRE(second.has_error());
  CHECK(second.error().code == condition::operator_needed);
  CHECK_THAT(second.error().what, Contains("process " + std::to_string(::getpid()) + " of uid") && Contains("listens there"));
  CHECK(call(address));  // and nothing was done to it
}

TEST_CASE("what is no socket is not overwritten", "[listeners]") {
  const scratch_folder folder;
  spill(folder / "file", "precious");
  CHECK_THAT(outcome(agent::open_listener((folder / "file").string())), Contains("File exists"));
  CHECK(slurp(folder / "file") == "precious");
  CHECK_THAT(outcome(agent::open_listener((folder / "file/s").string())), Contains("Not a directory"));
  CHECK_THAT(outcome(agent::open_listener("relative")), Contains("absolute path"));
  CHECK_THAT(outcome(agent::open_listener("@")), Contains("2 to 107"));
  CHECK_THAT(outcome(agent::open_listener("/" + std::string(107, 'x'))), Contains("2 to 107"));
}

TEST_CASE("an address that is taken for a moment is waited for", "[listeners]") {
  const std::string address = "@sealring-test-moment-" + std::to_string(::getpid());
  line_pipe ready;
  const pid_t holder = ::fork();
  if (holder == 0) {
    const auto held = agent::open_listener(address);
    if (::write(ready.out.get(), "\n", 1) != 1 || !held) ::_exit(1);
    ::usleep(200'000);
    ::_exit(0);
  }
  read_line(ready.in.get());
  CHECK(outcome(agent::open_listener(address)) == "");
  ::waitpid(holder, nullptr, 0);
}

TEST_CASE("all the addresses are opened, but for those that systemd has", "[listeners]") {
  const scratch_folder folder;
  const std::string a = (folder / "a").string(), b = (folder / "b").string();
  std::vector<agent::listener> activated;
  activated.push_back(agent::open_listener(a).value());
  const int kept = activated[0].socket.get();
  const auto all = agent::open_listeners({a, b}, std::move(activated));
  REQUIRE(outcome(all) == "");
  REQUIRE(all->size() == 2);
  CHECK((*all)[0].address == b);
  CHECK((*all)[1].address == a);
  CHECK((*all)[1].socket.get() == kept);
  CHECK(agent::numbers(*all).size() == 2);
}

namespace {

// take_activated in a process to which a socket was handed as systemd does: from 3 on, named in its environment.
std::string activated_as(const std::string& address, const std::string& name, int type, const char* count = "1",
                         bool ours = true) {
  return as_nobody([&] {
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    std::memcpy(at.sun_path, address.data(), address.size());
    if (address.starts_with('@')) at.sun_path[0] = '\0';
    const int socket = ::socket(AF_UNIX, type, 0);
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size());
    if (::bind(socket, reinterpret_cast<const sockaddr*>(&at), size) != 0) return std::string("bind");
    if (type == SOCK_STREAM) ::listen(socket, 1);
    if (socket != 3) {
      ::dup2(socket, 3);
      ::close(socket);
    }
    ::setenv("LISTEN_PID", std::to_string(ours ? ::getpid() : ::getppid()).c_str(), 1);
    ::setenv("LISTEN_FDS", count, 1);
    ::setenv("LISTEN_FDNAMES", name.c_str(), 1);
    const auto taken = agent::take_activated();
    if (!taken) return taken.error().what;
    std::string answer;
    for (const auto& l : taken->sign) answer += "sign " + l.address + " " + std::to_string(l.socket.get());
    for (const auto& l : taken->control) answer += "control " + l.address;
    if (::getenv("LISTEN_FDS")) answer += " announced";
    return answer;
  });
}

}  // namespace

TEST_CASE("sockets are taken over from systemd by their names", "[listeners]") {
  const std::string address = "@sealring-activated-" + std::to_string(::getpid());
  CHECK(agent::take_activated().value().sign.empty());
  CHECK(activated_as(address, "sign", SOCK_STREAM) == "sign " + address + " 3");
  CHECK(activated_as(address, "control", SOCK_STREAM) == "control " + address);
  CHECK_THAT(activated_as(address, "other", SOCK_STREAM), Contains("is called \"other\""));
  CHECK_THAT(activated_as(address, "sign", SOCK_DGRAM), Contains("no listening stream socket"));
  CHECK_THAT(activated_as(address, "sign", SOCK_STREAM, "2"), Contains("not 2, by the names \"sign\""));
  CHECK_THAT(activated_as(address, "sign", SOCK_STREAM, "many"), Contains("LISTEN_FDS"));
  CHECK_THAT(activated_as(address, "", SOCK_STREAM), Contains("is called \"unknown\""));
  CHECK(activated_as(address, "sign", SOCK_STREAM, "1", false) == "");  // another process's
}

TEST_CASE("the watchdog is ours if systemd says so", "[listeners]") {
  ::setenv("WATCHDOG_USEC", "200000", 1);
  CHECK(agent::systemd_watchdog() == std::chrono::milliseconds{200});
  ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
  CHECK(agent::systemd_watchdog() == std::chrono::milliseconds{200});
  ::setenv("WATCHDOG_PID", std::to_string(::getppid()).c_str(), 1);
  CHECK(agent::systemd_watchdog().count() == 0);
  ::unsetenv("WATCHDOG_PID");
  ::setenv("WATCHDOG_USEC", "soon", 1);
  CHECK(agent::systemd_watchdog().count() == 0);
  ::unsetenv("WATCHDOG_USEC");
}

#include "agent/control/client.hpp"

#include "agent/control/api.hpp"
#include "agent/control/bench.hpp"

#include <thread>

using namespace sealring;
using namespace sealring::test;
using Catch::Contains;

namespace {

agent::result<json::value> call_once(const std::string& socket, std::string_view method, const std::string& what,
                                     const json::object& body = {}, const progress& told = {}) {
  auto connected = agent::control::client::connect(socket);
  if (!connected) return connected.error();
  return connected->call(method, what, body, told);
}

}  // namespace

TEST_CASE("answers and refusals come through", "[client]") {
  control_bench bench;
  const auto serving = bench.open();
  auto connected = agent::control::client::connect(bench.path);
  REQUIRE(outcome(connected) == "");
  CHECK(connected->call("GET", "/v1/hello/" + place("a b?c%")).value().at("name") == "a b?c%");
  CHECK(connected->call("GET", "/v1/hello/" + place("..")).value().at("name") == "..");
  // The same client once more; and the environment's proxy is nobody's business.
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  CHECK(connected->call("POST", "/v1/echo", {{"text", "hi"}}).value() == json::value{{"text", "hi"}});
  ::unsetenv("http_proxy");
  const auto missing = connected->call("POST", "/v1/nothing");
  REQUIRE(missing.has_error());
  CHECK(missing.error().code == condition::bad_input);
  bench.operator_here = false;
  const auto refused = connected->call("POST", "/v1/echo");
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == condition::denied);
  CHECK_FALSE(connected->cut_short());
  CHECK_THAT(refused.error().what, Contains("[agent] operators") && Contains("(rule control.operators)"));
}

TEST_CASE("progress comes while it goes on", "[client]") {
  control_bench bench;
  const auto serving = bench.open();
  std::vector<std::string> lines;
  const auto result = call_once(bench.path, "POST", "/v1/wait", {}, [&](std::string_view line) {
    lines.emplace_back(line);
    if (line == "two") bench.left.open();
  });
  CHECK(outcome(result) == "");
  CHECK(result.value() == "done");
  CHECK(lines == std::vector<std::string>{"one", "two"});
  const auto refused = call_once(bench.path, "POST", "/v1/fail");
  REQUIRE(refused.has_error());
  CHECK(refused.error().what == "not this (rule some.rule)");
}

TEST_CASE("that no agent runs is told apart from all else", "[client]") {
  const scratch_folder folder;
  const auto nobody = agent::control::client::connect(folder / "s");
  REQUIRE(nobody.has_error());
  CHECK(nobody.error().code == condition::retry_later);
  CHECK_THAT(nobody.error().what, Contains("no agent runs here"));
  {
    const auto gone = agent::open_listener((folder / "s").string()).value();
  }
  const auto dead = agent::control::client::connect(folder / "s");
  REQUIRE(dead.has_error());
  CHECK(dead.error().code == condition::retry_later);

  std::filesystem::create_directory(folder / "closed");
  const auto listens = agent::open_listener((folder / "closed/s").string(), {0600, {}, "control"}).value();
  ::chmod(folder.path.c_str(), 0711);
  CHECK_THAT(as_nobody([&] {
               const auto refused = agent::control::client::connect(folder / "closed/s");
               return refused ? "connected" : refused.error().code == condition::operator_needed ? refused.error().what : "?";
             }),
             Contains("Permission denied"));
}

TEST_CASE("another user who listens there is sent nothing", "[client]") {
  if (::geteuid() != 0) return;  // only root can make one
  const scratch_folder folder;
  const std::string path = (folder / "s").string();
  ::chmod(folder.path.c_str(), 0777);
  const pid_t stranger = ::fork();
  if (stranger == 0) {
    const bool other = ::setgid(65534) == 0 && ::setuid(65534) == 0;
    const auto listener = agent::open_listener(path);
    if (!other || !listener) ::_exit(2);
    pollfd ready{listener->socket.get(), POLLIN, 0};
    ::poll(&ready, 1, 10'000);
    const agent::descriptor caller(::accept(listener->socket.get(), nullptr, nullptr));
    char octet;
    ::_exit(::recv(caller.get(), &octet, 1, 0) == 0 ? 0 : 1);
  }
  agent::result<agent::control::client> connected = agent::control::client::connect(path);
  while (!connected && connected.error().code == condition::retry_later) {  // until it listens
    std::this_thread::sleep_for(1ms);
    connected = agent::control::client::connect(path);
  }
  CHECK(std::string(connected ? "" : connected.error().what) != "");
  CHECK_THAT(outcome(connected), Contains("uid 65534 listens") && Contains("nothing was sent"));
  int status = 0;
  ::waitpid(stranger, &status, 0);
  CHECK(status == 0);
}

TEST_CASE("a server that talks nonsense is at fault", "[client]") {
  const scratch_folder folder;
  const auto listener = agent::open_listener((folder / "s").string()).value();
  const auto [answer, what] = GENERATE(
      std::pair{"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{", condition::peer_fault},
      std::pair{"HTTP/1.1 500 Oh\r\nContent-Length: 2\r\n\r\n{}", condition::peer_fault},
      std::pair{"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\n\r\nno\n", condition::peer_fault},
      std::pair{"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\n\r\n{\"progress\":\"a\"}\n", condition::retry_later},
      std::pair{"", condition::retry_later});
  CAPTURE(answer);
  std::thread serves([&listener, text = std::string_view(answer)] {
    pollfd ready{listener.socket.get(), POLLIN, 0};
    while (::poll(&ready, 1, 10'000) == 1) {
      const agent::descriptor caller(::accept(listener.socket.get(), nullptr, nullptr));
      if (receive(caller.get(), "\r\n\r\n").empty()) continue;  // it only looked who listens
      return send_all(caller.get(), text);
    }
  });
  auto connected = agent::control::client::connect(folder / "s");
  REQUIRE(outcome(connected) == "");
  const auto failed = connected->call("GET", "/v1");
  serves.join();
  REQUIRE(failed.has_error());
  CHECK(failed.error().code == what);
  CHECK(connected->cut_short() == (what == condition::retry_later));
}

TEST_CASE("the agent's own routes answer", "[client]") {
  const scratch_folder folder;
  spill(folder / "sealring.toml", "nonsense");
  const auto listener = agent::open_listener((folder / "s").string()).value();
  std::atomic<int> reloads = 0;
  const auto settings = std::make_shared<const agent::config>(agent::default_config(folder / "sealring.toml"));
  const agent::control::manager_side side{.reload = [&]() -> agent::result<void> {
                                            if (++reloads > 1)
                                              return agent::fail(condition::bad_input, "sealring.toml:1:1: no");
                                            return {};
                                          },
                                          .work = nullptr,
                                          .settings = [&] { return settings; },
                                          .keeper = {}};
  const auto serving = server::open(listener.socket.get(), make_router(side), {.is_operator = [](uid_t) { return true; }});
  REQUIRE(outcome(serving) == "");
  const std::string path = (folder / "s").string();
  CHECK(call_once(path, "GET", "/v1").value().at("pid") == ::getpid());
  CHECK(call_once(path, "GET", "/v1/openapi.json").value().at("openapi") == "3.1.0");
  CHECK(outcome(call_once(path, "POST", "/v1/reload")) == "");
  const auto wrong = call_once(path, "POST", "/v1/reload");
  REQUIRE(wrong.has_error());
  CHECK(wrong.error().code == condition::bad_input);
  CHECK_THAT(wrong.error().what, Contains("sealring.toml:1:"));
  CHECK(reloads == 2);
}

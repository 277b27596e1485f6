#include "agent/metrics/listener.hpp"

#include "agent/scratch.hpp"

#include <atomic>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

using namespace sealring;
using namespace sealring::test;
using agent::metrics_listener;
using agent::snapshot;
using Catch::Contains;
using Catch::StartsWith;

namespace {

// Everything that comes back for these bytes.
std::string ask(std::uint16_t port, std::string_view request) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string answer;
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0 &&
      ::send(socket, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size())) {
    char buffer[4096];
    for (ssize_t got; (got = ::recv(socket, buffer, sizeof buffer, 0)) > 0;)
      answer.append(buffer, static_cast<std::size_t>(got));
  }
  ::close(socket);
  return answer;
}

std::string get(std::uint16_t port, const std::string& path, const std::string& method = "GET") {
  return ask(port, method + " " + path + " HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n");
}

snapshot healthy() {
  snapshot s;
  s.keeper = wire::statistics_reply{.up = true};
  return s;
}

}  // namespace

TEST_CASE("metrics and health are served, to GET alone, and nothing else is", "[listener]") {
  auto listener = metrics_listener::open("127.0.0.1:0", healthy);
  REQUIRE(outcome(listener) == "");
  const auto port = listener->port();
  const auto metrics = get(port, "/metrics");
  CHECK_THAT(metrics, StartsWith("HTTP/1.1 200") && Contains("text/plain; version=0.0.4") && Contains("sealring_hsm_up 1\n"));
  const auto health = get(port, "/healthz");
  CHECK_THAT(health, StartsWith("HTTP/1.1 200") && Catch::EndsWith("\r\n\r\nok\n"));
  CHECK_THAT(get(port, "/metrics", "HEAD"), StartsWith("HTTP/1.1 200") && Catch::EndsWith("\r\n\r\n"));
  for (const auto* path : {"/", "/metrics/", "/METRICS", "/healthz/x", "/../metrics"})
    CHECK_THAT(get(port, path), StartsWith("HTTP/1.1 404") && Catch::EndsWith("\r\n\r\nnot found\n"));
  for (const auto* method : {"POST", "PUT", "DELETE", "OPTIONS"})
    CHECK_THAT(get(port, "/metrics", method), StartsWith("HTTP/1.1 405") && Contains("Allow: GET, HEAD"));
  CHECK_THAT(ask(port, "GET /" + std::string(100'000, 'a') + " HTTP/1.1\r\n\r\n"), !Contains("aaaa"));
  CHECK_THAT(get(port, "/healthz"), StartsWith("HTTP/1.1 200"));
}

TEST_CASE("who asks often is told what was known a moment ago", "[listener]") {
  std::atomic<int> made = 0;
  auto listener = metrics_listener::open("127.0.0.1:0", [&made] {
    ++made;
    return healthy();
  });
  REQUIRE(outcome(listener) == "");
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < 20; ++i) get(listener->port(), i % 2 == 0 ? "/metrics" : "/healthz");
  CHECK(made <= 1 + (std::chrono::steady_clock::now() - begun) / std::chrono::seconds{1});
}

TEST_CASE("what is wrong is the answer of /healthz", "[listener]") {
  auto listener = metrics_listener::open("127.0.0.1:0", [] { return snapshot{}; });
  REQUIRE(outcome(listener) == "");
  CHECK_THAT(get(listener->port(), "/healthz"),
             StartsWith("HTTP/1.1 503") && Catch::EndsWith("\r\n\r\nthe keeper does not answer\n"));
  CHECK(metrics_listener::open("127.0.0.1", healthy).error().code == condition::bad_input);
}

TEST_CASE("a snapshot that cannot be made costs one connection", "[listener]") {
  std::atomic<bool> broken = true;
  auto listener = metrics_listener::open("127.0.0.1:0", [&broken]() -> snapshot {
    if (broken) throw std::bad_alloc{};
    return healthy();
  });
  REQUIRE(outcome(listener) == "");
  CHECK(get(listener->port(), "/metrics").empty());
  broken = false;
  CHECK_THAT(get(listener->port(), "/metrics"), StartsWith("HTTP/1.1 200"));
}

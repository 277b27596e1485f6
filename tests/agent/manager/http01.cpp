#include "agent/manager/http01.hpp"

#include "agent/scratch.hpp"

#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

using namespace sealring;
using namespace sealring::test;
using agent::http01_listener;
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

}  // namespace

TEST_CASE("a token is served while it is there", "[http01]") {
  auto listener = http01_listener::open("127.0.0.1:0");
  REQUIRE(outcome(listener) == "");
  listener->add("token-1_A", "token-1_A.thumbprint");
  const auto answer = get(listener->port(), "/.well-known/acme-challenge/token-1_A");
  CHECK_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  CHECK_THAT(answer, Contains("Content-Type: application/octet-stream\r\n"));
  CHECK_THAT(answer, Catch::EndsWith("\r\n\r\ntoken-1_A.thumbprint"));
  const auto head = get(listener->port(), "/.well-known/acme-challenge/token-1_A", "HEAD");
  CHECK_THAT(head, StartsWith("HTTP/1.1 200 OK\r\n"));
  CHECK_THAT(head, Catch::EndsWith("\r\n\r\n"));

  http01_listener moved = std::move(*listener);
  moved.remove("token-1_A");
  moved.remove("never there");
  CHECK_THAT(get(moved.port(), "/.well-known/acme-challenge/token-1_A"), StartsWith("HTTP/1.1 404"));
}

TEST_CASE("nothing else is served, and nothing sent comes back", "[http01]") {
  auto listener = http01_listener::open("127.0.0.1:0");
  REQUIRE(outcome(listener) == "");
  listener->add("t", "t.k");
  for (const auto* path :
       {"/", "/.well-known/acme-challenge/", "/.well-known/acme-challenge/T", "/.well-known/acme-challenge/t/",
        "/x/../.well-known/acme-challenge/t", "/.well-known/acme-challenge/<script>", "/.well-known/acme-challenge"}) {
    CAPTURE(path);
    const auto answer = get(listener->port(), path);
    CHECK_THAT(answer, StartsWith("HTTP/1.1 404"));
    CHECK_THAT(answer, Catch::EndsWith("\r\n\r\nnot found\n"));
  }
  for (const auto* method : {"POST", "PUT", "DELETE", "OPTIONS", "BREW"}) {
    CHECK_THAT(get(listener->port(), "/.well-known/acme-challenge/t", method), StartsWith("HTTP/1.1 404"));
  }
  CHECK_THAT(ask(listener->port(), "GET /" + std::string(100'000, 'a') + " HTTP/1.1\r\n\r\n"), !Contains("aaaa"));
  CHECK_THAT(ask(listener->port(), "\x16\x03\x01 garbage\r\n\r\n"), !Contains("garbage"));
  CHECK_THAT(get(listener->port(), "/.well-known/acme-challenge/t"), StartsWith("HTTP/1.1 200"));
}

TEST_CASE("tokens come and go from many threads", "[http01]") {
  auto listener = http01_listener::open("127.0.0.1:0");
  REQUIRE(outcome(listener) == "");
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, token = "t" + std::to_string(t)] {
      for (int i = 0; i < 25; ++i) {
        listener->add(token, token + ".k");
        if (!get(listener->port(), "/.well-known/acme-challenge/" + token).ends_with(token + ".k")) ++wrong;
        listener->remove(token);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(wrong == 0);
}

TEST_CASE("the port is free again afterwards, and taken meanwhile", "[http01]") {
  std::uint16_t port = 0;
  {
    auto listener = http01_listener::open("127.0.0.1:0");
    REQUIRE(outcome(listener) == "");
    port = listener->port();
    CHECK_THAT(outcome(http01_listener::open("127.0.0.1:" + std::to_string(port))), Contains("another program has the port"));
  }
  CHECK(outcome(http01_listener::open("127.0.0.1:" + std::to_string(port))) == "");
}

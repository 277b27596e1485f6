#include "agent/control/server.hpp"

#include "agent/control/bench.hpp"

#include <boost/json/parse.hpp>

#include <thread>

using namespace sealring;
using namespace sealring::test;
using Catch::Contains;
using Catch::StartsWith;

TEST_CASE("requests are answered in JSON, with who asked by the kernel's word", "[server]") {
  control_bench bench;
  const auto serving = bench.open();
  const auto answer = ask(bench.path, "GET /v1/hello/a%20b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  CHECK_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n") && Contains("Content-Type: application/json\r\n"));
  const auto body = json::parse(std::string_view(answer).substr(answer.find("\r\n\r\n") + 4)).as_object();
  CHECK(body.at("name") == "a b");
  CHECK(body.at("uid").to_number<uid_t>() == ::getuid());
  CHECK(body.at("pid").to_number<pid_t>() == ::getpid());
  CHECK_THAT(post(bench.path, "/v1/echo", R"({"text":"hi"})"), Contains("\r\n\r\n{\"text\":\"hi\"}\n"));
  CHECK_THAT(post(bench.path, "/v1/echo", ""), Contains("\r\n\r\n{}\n"));
}

TEST_CASE("what is wrong is a problem document, and the next request on the connection goes on", "[server]") {
  control_bench bench;
  const auto serving = bench.open();
  const auto socket = connect_to(bench.path);
  const auto turn = [&](const std::string& line, const std::string& body = {}) {
    send_all(socket.get(), line + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    return receive(socket.get(), "}\n");
  };
  CHECK_THAT(turn("GET /v1/nothing"),
             StartsWith("HTTP/1.1 404") && Contains("application/problem+json") && Contains("\"POST /v1/echo\""));
  CHECK_THAT(turn("PUT /v1/echo", "{}"), StartsWith("HTTP/1.1 405") && Contains("Allow: POST\r\n"));
  CHECK_THAT(turn("POST /v1/echo", "[]"), StartsWith("HTTP/1.1 400") && Contains("must be a JSON object"));
  CHECK_THAT(turn("POST /v1/echo", R"({"txet":1})"), StartsWith("HTTP/1.1 400") && Contains("did you mean"));
  CHECK_THAT(turn("POST /v1/echo?text=a"), StartsWith("HTTP/1.1 400") && Contains("takes no"));
  CHECK_THAT(turn("GET /v1/hello/a?loud=1&loud=2"), StartsWith("HTTP/1.1 400") && Contains("twice"));
  CHECK_THAT(turn("GET /v1/hello/%ff"), StartsWith("HTTP/1.1 400") && Contains("not UTF-8"));
  CHECK_THAT(turn("GET /v1/hello/a?%01=1"), StartsWith("HTTP/1.1 400") && Contains("control characters"));
  CHECK_THAT(turn("GET /v1/hello/a?loud"), StartsWith("HTTP/1.1 200"));
}

TEST_CASE("only operators change anything", "[server]") {
  control_bench bench;
  const auto serving = bench.open();
  const auto look = [&](const std::string& path) {
    return ask(bench.path, "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  };
  bench.operator_here = false;
  CHECK_THAT(post(bench.path, "/v1/echo", "{}"), StartsWith("HTTP/1.1 403") && Contains("\"rule\":\"control.operators\""));
  CHECK_THAT(post(bench.path, "/v1/wait", "{}"), StartsWith("HTTP/1.1 403"));
  CHECK_THAT(look("/v1/secret"), StartsWith("HTTP/1.1 403") && Contains("\"rule\":\"control.operators\""));
  CHECK_THAT(look("/v1/hello/a"), StartsWith("HTTP/1.1 200"));
  bench.operator_here = true;
  CHECK_THAT(post(bench.path, "/v1/echo", "{}"), StartsWith("HTTP/1.1 200"));
  CHECK_THAT(look("/v1/secret"), StartsWith("HTTP/1.1 200") && Contains("{\"result\":\"told\"}\n"));
  const std::lock_guard lock(bench.mutex);
  REQUIRE(bench.logged.size() == 5);
  CHECK(bench.logged[0] ==
        "POST \"/v1/echo\" by uid " + std::to_string(::getuid()) + ", process " + std::to_string(::getpid()) + ": denied");
  CHECK_THAT(bench.logged[2], StartsWith("GET \"/v1/secret\" by uid ") && Contains(": denied"));
  CHECK_THAT(bench.logged[3], !Contains("denied"));
}

TEST_CASE("nothing is changed before it is ready, and all may look", "[server]") {
  control_bench bench;
  const auto serving = bench.open();
  bench.ready = false;
  CHECK_THAT(post(bench.path, "/v1/echo", "{}"), StartsWith("HTTP/1.1 503") && Contains("not yet"));
  CHECK_THAT(ask(bench.path, "GET /v1/hello/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), StartsWith("HTTP/1.1 200"));
  bench.operator_here = false;
  CHECK_THAT(post(bench.path, "/v1/echo", "{}"), StartsWith("HTTP/1.1 403"));
  bench.operator_here = bench.ready = true;
  CHECK_THAT(post(bench.path, "/v1/echo", "{}"), StartsWith("HTTP/1.1 200"));
}

TEST_CASE("sizes are limited", "[server]") {
  control_bench bench;
  const auto serving = bench.open();
  const std::string fits(max_body - std::string(R"({"text":""})").size(), 'a');
  CHECK_THAT(post(bench.path, "/v1/echo", R"({"text":")" + fits + R"("})"), StartsWith("HTTP/1.1 200"));
  CHECK_THAT(post(bench.path, "/v1/echo", R"({"text":")" + fits + R"(a"})"), StartsWith("HTTP/1.1 413"));
  CHECK_THAT(post(bench.path, "/v1/echo", std::string(1 << 20, 'a')), StartsWith("HTTP/1.1 413"));
  std::string chunks;
  for (int i = 0; i < 20; ++i) chunks += "1000\r\n" + std::string(4096, 'a') + "\r\n";
  CHECK(ask(bench.path, "POST /v1/echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + "0\r\n\r\n") ==
        "");
  CHECK_THAT(ask(bench.path, "GET /v1/hello/" + std::string(100'000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n"),
             !Contains("HTTP/1.1 200"));
  CHECK_THAT(ask(bench.path, "GET /v1/hello/a HTTP/1.1\r\nHost: x\r\nX: " + std::string(100'000, 'a') + "\r\n\r\n"),
             !Contains("HTTP/1.1 200"));
  CHECK_THAT(ask(bench.path, "\x16\x03\x01 garbage\r\n\r\n"), !Contains("HTTP/1.1 200"));
  CHECK_THAT(post(bench.path, "/v1/echo", "{}"), StartsWith("HTTP/1.1 200"));
}

TEST_CASE("slow clients hold up nobody, and have an end", "[server]") {
  control_bench bench;
  const auto serving = bench.open();
  std::vector<agent::descriptor> slow;
  for (int i = 0; i < 7; ++i) {
    slow.push_back(connect_to(bench.path));
    send_all(slow.back().get(), i % 2 ? "GET /v1/he" : "POST /v1/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{");
  }
  CHECK_THAT(post(bench.path, "/v1/echo", "{}"), StartsWith("HTTP/1.1 200"));
  slow.push_back(connect_to(bench.path));
  // Of one user's share it is the ninth.
  CHECK(receive(connect_to(bench.path).get()) == "");
  for (const auto& one : slow) CHECK_THAT(receive(one.get()), !Contains("200"));
  CHECK_THAT(post(bench.path, "/v1/echo", "{}"), StartsWith("HTTP/1.1 200"));
}

TEST_CASE("a lengthy operation streams, and others are served meanwhile", "[server]") {
  control_bench bench;
  const auto serving = bench.open();
  const auto socket = connect_to(bench.path);
  send_all(socket.get(), "POST /v1/wait HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  std::string told = receive(socket.get(), "{}");
  CHECK_THAT(told, Contains("Content-Type: application/x-ndjson\r\n"));
  CHECK_THAT(told, Contains("{\"progress\":\"one\"}\n") && Contains("{\"progress\":\"two\"}\n") && Contains("{}\n"));
  CHECK_THAT(told, !Contains("result"));
  CHECK_THAT(post(bench.path, "/v1/echo", "{}"), StartsWith("HTTP/1.1 200"));
  bench.left.open();
  CHECK_THAT(receive(socket.get()), Contains("{\"result\":\"done\"}\n"));
  CHECK_THAT(post(bench.path, "/v1/fail", "{}"), Contains("{\"error\":{") && Contains("\"rule\":\"some.rule\"}}\n"));
  CHECK_THAT(post(bench.path, "/v1/throw", "{}"), Contains("{\"error\":{") && Contains("has failed: oh"));
}

TEST_CASE("a client that goes away stops nothing", "[server]") {
  control_bench bench;
  auto serving = bench.open();
  {
    const auto socket = connect_to(bench.path);
    send_all(socket.get(), "POST /v1/wait HTTP/1.1\r\nHost: x\r\n\r\n");
    REQUIRE(bench.entered.wait());
  }
  CHECK_FALSE(serving.close(100ms));
  CHECK(bench.finished == 0);
  bench.left.open();
  CHECK(serving.close(10s));
  CHECK(bench.finished == 1);
}

TEST_CASE("what is under way may end before the server does, and the next one has the same socket", "[server]") {
  control_bench bench;
  {
    auto serving = bench.open();
    const auto socket = connect_to(bench.path);
    send_all(socket.get(), "POST /v1/wait HTTP/1.1\r\nHost: x\r\n\r\n");
    REQUIRE(bench.entered.wait());
    std::thread opens([&] { bench.left.open(); });
    CHECK(serving.close(10s));
    opens.join();
    CHECK_THAT(receive(socket.get()), Contains("{\"result\":\"done\"}\n"));
  }
  // Who comes in between waits.
  const auto early = connect_to(bench.path);
  send_all(early.get(), "GET /v1/hello/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const auto serving = bench.open();
  CHECK_THAT(receive(early.get()), StartsWith("HTTP/1.1 200"));
}

#include "agent/manager/watch/fetch.hpp"

#include "agent/manager/watch/issuer.hpp"

using namespace sealring;
using namespace sealring::test;
using namespace std::chrono_literals;
using Catch::Contains;

namespace {

auto fetch(const std::string& url, const agent::validators& known = {}, std::chrono::milliseconds patience = 10s) {
  return agent::fetch(url, {1000, patience}, known);
}

}  // namespace

TEST_CASE("a file, and whether it has changed", "[fetch]") {
  std::string asked;
  web_server server{[&](const std::string& request) {
    asked = request;
    if (request.find("If-None-Match: \"one\"") != request.npos) return std::string{"HTTP/1.1 304 Not Modified\r\n\r\n"};
    return ok("the file", "etag:  \"one\" \r\nLast-Modified: Mon, 01 Jun 2026 00:00:00 GMT\r\n");
  }};
  const auto first = fetch(server.url);
  REQUIRE(outcome(first) == "");
  CHECK(first->body == "the file");
  CHECK(first->tags.etag == "\"one\"");
  const auto again = fetch(server.url, first->tags);
  REQUIRE(outcome(again) == "");
  CHECK(again->unchanged);
  CHECK_THAT(asked, Contains("If-Modified-Since: Mon, 01 Jun 2026 00:00:00 GMT\r\n"));
}

TEST_CASE("what a server may do, and what not", "[fetch]") {
  web_server server{[](const std::string&) { return std::string{}; }};
  const auto get = [&](const std::string& what) {
    server.answer_with([what](const std::string& request) { return request.starts_with("GET /there ") ? ok("found") : what; });
    return fetch(server.url);
  };
  const auto moved = get("HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n");
  REQUIRE(outcome(moved) == "");
  CHECK(moved->body == "found");
  CHECK_THAT(outcome(get("HTTP/1.1 302 Found\r\nLocation: /here\r\nContent-Length: 0\r\n\r\n")), Contains("redirects"));
  CHECK_THAT(outcome(get("HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n")),
             Contains(server.url));
  CHECK_THAT(outcome(get("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n")), Contains("HTTP status 503"));
  CHECK_THAT(outcome(get("HTTP/1.1 304 Not Modified\r\n\r\n")), Contains("HTTP status 304"));
  CHECK(outcome(get(ok(std::string(1000, 'x')))) == "");
  CHECK_THAT(outcome(get(ok(std::string(1001, 'x')))), Contains("larger than 1000 octets"));
  CHECK_THAT(outcome(get("HTTP/1.1 200 OK\r\n\r\n" + std::string(100'000, 'x'))), Contains("larger than 1000 octets"));
  CHECK(outcome(get("HTTP/1.1 200 OK\r\nA: " + std::string(100'000, 'x') + "\r\n\r\n")) != "");
  CHECK(outcome(get("")) != "");
  CHECK_THAT(outcome(fetch("file:///etc/passwd")), Contains("file"));
}

TEST_CASE("a server that says nothing is waited for, and not for ever", "[fetch]") {
  const int silent = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  REQUIRE(::bind(silent, reinterpret_cast<sockaddr*>(&address), size) == 0);
  REQUIRE(::listen(silent, 1) == 0);
  REQUIRE(::getsockname(silent, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  const std::string url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/";
  const auto got = fetch(url, {}, 50ms);
  REQUIRE_FALSE(got.has_value());
  CHECK(got.error().code == condition::retry_later);
  CHECK_THAT(got.error().what, Contains(url));
  ::close(silent);
}

#include "agent/manager/listen_address.hpp"

#include "agent/scratch.hpp"

#include <fcntl.h>

using namespace sealring;
using namespace sealring::test;
using agent::listen_on;
using agent::port_of;
using Catch::Contains;

TEST_CASE("all three forms listen", "[listen_address]") {
  for (const auto* address : {"127.0.0.1:0", "[::1]:0", ":0", "0.0.0.0:0"}) {
    CAPTURE(address);
    const auto socket = listen_on(address);
    REQUIRE(outcome(socket) == "");
    CHECK(port_of(*socket) != 0);
    CHECK((::fcntl(*socket, F_GETFD) & FD_CLOEXEC) != 0);
    ::close(*socket);
  }
}

TEST_CASE("what is no address says what is one", "[listen_address]") {
  for (const auto* bad : {"", ":", "80", "localhost:80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
                          "127.0.0.1:80x", "::1:80", "[::1:80", "[]:80", "[127.0.0.1]:80", "127.0.0.1 :80"}) {
    CAPTURE(bad);
    const auto refused = listen_on(bad);
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == condition::bad_input);
    CHECK_THAT(refused.error().what, Contains("write \"0.0.0.0:80\""));
  }
}

TEST_CASE("a port that cannot be had says who to ask", "[listen_address]") {
  const auto first = listen_on("127.0.0.1:0");
  REQUIRE(outcome(first) == "");
  const std::string port = std::to_string(port_of(*first));
  CHECK_THAT(outcome(listen_on("127.0.0.1:" + port)),
             Contains("another program has the port; \"ss -ltnp sport = :" + port + "\""));
  CHECK_THAT(outcome(listen_on(":" + port)), Contains("another program has the port"));
  ::close(*first);
  CHECK_THAT(outcome(listen_on("192.0.2.1:0")), Contains("no interface of this machine has that address"));
  const std::string denied = as_nobody([] { return outcome(listen_on("127.0.0.1:81")); });
  if (!denied.empty()) CHECK_THAT(denied, Contains("needs root or CAP_NET_BIND_SERVICE"));
}

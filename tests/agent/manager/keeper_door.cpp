#include "agent/manager/keeper_door.hpp"

#include "agent/scratch.hpp"
#include "agent/supervisor/links.hpp"

#include <sys/socket.h>

using namespace sealring;
using namespace sealring::test;
using namespace std::chrono_literals;
using Catch::Contains;

namespace {

using clock = std::chrono::steady_clock;

}  // namespace

TEST_CASE("a keeper that is still opening its token holds up nobody who will not wait", "[keeper_door]") {
  const auto begin = clock::now();
  auto [keeper, manager] = agent::socket_pair(SOCK_STREAM).value();
  {
    agent::keeper_door door;
    CHECK_THAT(outcome(door.open(0ms)), Contains("has not been started yet"));
    door.put(std::move(manager));
    for (int i = 0; i < 2; ++i) {
      const auto none = door.open(50ms);
      REQUIRE(none.has_error());
      CHECK(none.error().code == condition::retry_later);
      CHECK_THAT(none.error().what, Contains("it is opening the token"));
    }
    CHECK_FALSE(door.lost());
  }  // nor the end
  CHECK(clock::now() - begin < 20s);
}

TEST_CASE("a keeper that dies before it answers is told, and who waits when all ends is let go", "[keeper_door]") {
  auto [keeper, manager] = agent::socket_pair(SOCK_STREAM).value();
  agent::keeper_door door;
  door.put(std::move(manager));
  keeper.reset();
  const auto begin = clock::now();
  std::string said;
  do said = outcome(door.open(10ms));
  while (said.find("opening the token") != std::string::npos && clock::now() - begin < 20s);
  CHECK_THAT(said, Contains("the keeper does not answer") && !Contains("opening the token"));
  CHECK_FALSE(door.lost());
  std::thread ends{[&] { door.stop(); }};
  CHECK(door.open(60s).has_error());
  ends.join();
  CHECK(clock::now() - begin < 40s);
}

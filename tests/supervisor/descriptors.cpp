#include "agent/supervisor/descriptors.hpp"

#include "supervisor/unix_client.hpp"

using namespace sealring;
using namespace sealring::test;
using Catch::Contains;

TEST_CASE("descriptors are told and understood", "[descriptors]") {
  const agent::keeper_descriptors all{{10, 11}, 12, 13, 14, 15};
  CHECK(agent::encode(all) == "L=10,11;link=12;links=13;alive=14;pin=15");
  CHECK(agent::encode({{10, 11}, 12, -1, 13, -1}) == "L=10,11;link=12;alive=13");
  CHECK(agent::encode({}).empty());
  for (const auto& d : {all, {}, {{10}, -1, -1, -1, -1}, {{}, -1, -1, 10, -1}, {{}, 10, -1, -1, 11}}) {
    CHECK((agent::parse_descriptors(agent::encode(d)).value() == d));
  }
}

TEST_CASE("no other text is a list of descriptors", "[descriptors]") {
  for (const char* wrong :
       {"L", "L=", "L=a", "L=10,", "L=10,,11", "L=10;", ";L=10", "L=010", "L=-1", "L=2", "link=12;L=10", "alive=10;alive=10",
        "x=10", "L=10 ", "L=99999999999999999999", "link", "=10", "pin=", "L=10;link"}) {
    CAPTURE(wrong);
    CHECK_THAT(outcome(agent::parse_descriptors(wrong)), Contains("is no list of descriptors"));
  }
}

TEST_CASE("descriptors are adopted if they are open", "[descriptors]") {
  line_pipe pipe;
  REQUIRE(::fcntl(pipe.in.get(), F_SETFD, 0) == 0);
  CHECK(outcome(agent::adopt({{}, -1, -1, pipe.in.get(), -1})) == "");
  CHECK(::fcntl(pipe.in.get(), F_GETFD) == FD_CLOEXEC);
  CHECK_THAT(outcome(agent::adopt({{1000}, -1, -1, -1, -1})), Contains("descriptor 1000 was not handed over"));
}

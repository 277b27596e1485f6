#include "agent/duration.hpp"

#include "agent/scratch.hpp"

using namespace sealring;
using namespace std::chrono_literals;
using Catch::Contains;

TEST_CASE("a length of time is a whole number and its unit", "[duration]") {
  CHECK(agent::parse_duration("90s").value() == 90s);
  CHECK(agent::parse_duration("15m").value() == 15min);
  CHECK(agent::parse_duration("12h").value() == 12h);
  CHECK(agent::parse_duration("1d").value() == 24h);
  CHECK(agent::parse_duration("0s").value() == 0s);
  CHECK(agent::parse_duration("3650d").value() == 24h * 3650);
  for (const char* wrong : {"", "s", "1", "-1s", "+1s", " 1s", "1s ", "1.5h", "1 d", "1w", "1dd", "99999999999999999999s"}) {
    CAPTURE(wrong);
    CHECK_THAT(test::outcome(agent::parse_duration(wrong)), Contains("is no length of time"));
  }
  CHECK_THAT(test::outcome(agent::parse_duration("3651d")), Contains("longer than ten years"));
}

TEST_CASE("a length of time is written as it is read", "[duration]") {
  for (const char* text : {"0s", "59s", "1m", "61s", "90m", "1h", "25h", "1d", "3650d"}) {
    CHECK(agent::duration_text(agent::parse_duration(text).value()) == text);
  }
  CHECK(agent::duration_text(120min) == "2h");
}

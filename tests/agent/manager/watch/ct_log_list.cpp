#include "agent/manager/watch/ct_log_list.hpp"

#include "agent/scratch.hpp"
#include "unit/acme/ct_logs.hpp"

using namespace sealring;
using namespace sealring::test;
using Catch::StartsWith;

TEST_CASE("messages name the file, and what a stranger wrote cannot break their line", "[ct_log_list]") {
  CHECK_THAT(outcome(agent::parse_ct_log_list("{\n  \"operators\": [,]}", "logs.json")), StartsWith("logs.json:2:"));
  const auto list = agent::parse_ct_log_list(list_of("7," + to_json({.description = "Elm\\n2026"})), "logs.json");
  REQUIRE(outcome(list) == "");
  CHECK(list->mistakes == std::vector<std::string>{"logs.json: operators[0].logs[0]: is not an object"});
  REQUIRE(list->logs.size() == 1);
  CHECK(list->logs[0].description == "Elm?2026");
}

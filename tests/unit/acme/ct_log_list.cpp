#include "sealring/acme/ct_log_list.hpp"

#include "unit/acme/ct_logs.hpp"

namespace sealring::test {
namespace {

using namespace std::chrono;
using Catch::Contains;
using Catch::StartsWith;

auto parse(const std::string& json) { return acme::read_ct_log_list(json); }

/// What is wrong with a list as a whole; empty where nothing is.
std::string outcome(const acme::result<acme::ct_log_list>& list) {
  demand_clean_queue();
  if (list) return {};
  CHECK(list.error().code == sealring::errc::bad_json);
  return list.error().what;
}

/// The one mistake in a list of this log alone, which then must not be in what was read.
std::string mistake(const std::string& log) {
  const auto list = parse(list_of(log));
  REQUIRE(outcome(list) == "");
  CHECK(list->logs.empty());
  REQUIRE(list->mistakes.size() == 1);
  return list->mistakes.front();
}

}  // namespace

TEST_CASE("CT logs: those of both kinds, with what their state means", "[ct_log_list]") {
  const auto list = parse(list_of(
      to_json({}) + "," + to_json({.description = "", .state = R"({"retired": {"timestamp": "2026-01-02T03:04:05Z"}})"}),
      to_json({.description = "Tiled", .state = R"({"readonly": {"final_tree_head": {}}})"}) + "," +
          to_json({.description = "Bad", .state = R"({"rejected": {"timestamp": "2026-01-02T03:04:05Z"}})"})));
  REQUIRE(outcome(list) == "");
  CHECK(list->mistakes.empty());
  REQUIRE(list->logs.size() == 3);
  CHECK(list->logs[0].description == "Elm 2026");
  CHECK(list->logs[0].spki == detail::to_der<i2d_PUBKEY>(evp_of<es256>()));
  CHECK_FALSE(list->logs[0].retired);
  CHECK(list->logs[1].description.size() == 64);  // its id, where it has no name
  CHECK(list->logs[1].retired == sys_days{2026y / 1 / 2} + 3h + 4min + 5s);
  CHECK(list->logs[2].description == "Tiled");
}

TEST_CASE("CT logs: each mistake is told with its place, and costs its log alone", "[ct_log_list]") {
  CHECK(mistake("7") == "operators[0].logs[0]: is not an object");
  CHECK_THAT(mistake("{}"), StartsWith("operators[0].logs[0].key: "));
  CHECK_THAT(mistake(to_json({.key = "AAAA"})), Contains("logs[0].key: is not a public key"));
  CHECK_THAT(mistake(to_json({.key = "not base64!"})), Contains("logs[0].key: "));
  CHECK_THAT(mistake(to_json({.id = base64(bytes(32))})), Contains("logs[0].log_id: is not the SHA-256 of the key"));
  CHECK_THAT(mistake(to_json({.id = ""})), Contains("logs[0].log_id: "));
  CHECK_THAT(mistake(to_json({.state = "[]"})), Contains("logs[0].state: "));
  CHECK_THAT(mistake(to_json({.state = R"({"frozen": {}})"})), Contains("logs[0].state: \"frozen\""));
  CHECK_THAT(mistake(to_json({.state = R"({"retired": {}})"})), Contains("logs[0].state.retired.timestamp: "));
  CHECK_THAT(mistake(to_json({.state = R"({"retired": "now"})"})), Contains("logs[0].state.retired.timestamp: "));

  const auto list = parse(list_of("{}," + to_json({})));
  REQUIRE(outcome(list) == "");
  CHECK(list->logs.size() == 1);
  CHECK(list->mistakes.size() == 1);
}

TEST_CASE("CT logs: what is no list at all", "[ct_log_list]") {
  CHECK_THAT(outcome(parse("{\n  \"operators\": [,]}")), StartsWith("2:"));
  CHECK_THAT(outcome(parse("")), StartsWith("1:1: "));
  CHECK_THAT(outcome(parse("{} x")), StartsWith("1:4: "));
  CHECK_THAT(outcome(parse("{\"operators\": [")), StartsWith("1:"));
  CHECK_THAT(outcome(parse(std::string(100'000, '['))), StartsWith("1:"));
  for (const auto* other : {"{}", "[]", "7", R"({"operators": {}})"})
    CHECK_THAT(outcome(parse(other)), StartsWith("1:1: operators: "));
  const auto odd = parse(R"({"operators": [7, {"logs": 7}, {}]})");
  REQUIRE(outcome(odd) == "");
  CHECK(odd->mistakes == std::vector<std::string>{"operators[0]: is not an object", "operators[1].logs: is not an array"});
}

}  // namespace sealring::test

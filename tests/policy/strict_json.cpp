#include "agent/keeper/policy/strict_json.hpp"

#include "catch.hpp"

namespace sealring::test {
namespace {

std::string outcome(std::string_view text) {
  const auto parsed = agent::policy::parse_strict_object(text);
  return parsed ? "" : parsed.error().what;
}

}  // namespace

TEST_CASE("strict_json: what has one meaning is read", "[strict_json]") {
  for (const char* good :
       {"{}", " { } \n", R"({"a":1,"b":{"a":2},"c":[{"a":3},{"a":4}]})", R"({"a":"\u00e9\ud83d\ude00"})",
        "{\"a\":\"\xc3\xa9\"}", R"({"a":[],"aa":true,"aaa":null})", R"({"a":-9223372036854775808})", R"({"a":[[[1]]]})"}) {
    INFO(good);
    CHECK(outcome(good).empty());
  }
  const auto long_name = std::string(5000, 'x');
  CHECK(outcome("{\"" + long_name + "\":1,\"y\":2}").empty());
  CHECK_FALSE(outcome("{\"" + long_name + "\":1,\"" + long_name + "\":2}").empty());
}

TEST_CASE("strict_json: what could be read in two ways is not", "[strict_json]") {
  using Catch::Matchers::Contains;
  for (const char* twice : {R"({"a":1,"a":1})", R"({"url":1,"URL":2})", R"({"a":1,"\u0061":2})", R"({"x":{"a":1,"A":1}})",
                            R"({"x":[{"kid":1,"b":2,"kiD":1}]})"}) {
    INFO(twice);
    CHECK_THAT(outcome(twice), Contains("two members of one name"));
  }
  for (const char* number :
       {R"({"a":1.0})", R"({"a":1e0})", R"({"a":0.5})", R"({"a":1E400})", R"({"a":99999999999999999999})"}) {
    INFO(number);
    CHECK_THAT(outcome(number), Contains("no integer"));
  }
  for (const char* bad : {"",
                          " ",
                          "[]",
                          "1",
                          "\"a\"",
                          "null",
                          "{}x",
                          "{}{}",
                          "{} \v",
                          "\xef\xbb\xbf{}",
                          "{,}",
                          R"({"a":1,})",
                          R"({'a':1})",
                          R"({a:1})",
                          R"({"a":01})",
                          R"({"a":+1})",
                          R"({"a":tru})",
                          R"({"a":"b)",
                          R"({"a":"\x"})",
                          R"({"a":"\ud800"})",
                          "{\"a\":\"\xff\"}",
                          "{\"a\":\"\xc0\x80\"}",
                          "{\"a\":\"\xed\xa0\x80\"}",
                          "{\"a\":\"\n\"}",
                          R"({"a":1}//)",
                          R"({/**/"a":1})",
                          R"({"a":[[[[1]]]]})",
                          R"({"a":NaN})"}) {
    INFO(bad);
    CHECK_FALSE(outcome(bad).empty());
  }
  CHECK_FALSE(outcome(std::string_view{"{}\0", 3}).empty());
  CHECK_FALSE(outcome(std::string(60'000, '[')).empty());
}

}  // namespace sealring::test

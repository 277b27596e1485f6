#include "sealring/jose/read_json.hpp"
#include "unit/support.hpp"

namespace sealring::test {

TEST_CASE("read_json: one object and nothing behind it", "[jose/read_json]") {
  CHECK(must(jose::read_object(R"( {"a":{"b":[1,"x:y",{"c":":"}]},"d":"\":\\"} )")).size() == 2);
  CHECK(must(jose::read_object("{}")).empty());
  for (const char* bad : {"", "[]", "1", "null", R"({"a":1} x)", R"({"a":1}{})", R"({"a":})", "{'a':1}", R"({"a":1,})",
                          "{\"a\":\"\xff\"}", R"({"a":"\ud800"})", "{\"a\":1 /* comment */}"})
    CHECK(refusal(jose::read_object(bad)) == errc::bad_json);
}

TEST_CASE("read_json: two members of one name are refused, however deep, and however they are spelt", "[jose/read_json]") {
  for (const char* bad : {R"({"a":1,"a":1})", R"({"a":1,"\u0061":2})", R"({"b":[{"c":{"a":1,"b":2,"a":3}}]})",
                          R"({"a":{"x":1,"y":2},"a":{}})", R"({"a":":","a":"\":"})"})
    CHECK(refusal(jose::read_object(bad)) == errc::bad_json);
  CHECK(good(jose::read_object(R"({"a":1,"A":{"a":2},"":{"":3}})")));
}

TEST_CASE("read_json: neither depth nor length without end", "[jose/read_json]") {
  const auto nested = [](std::size_t levels) { return R"({"a":)" + std::string(levels, '[') + std::string(levels, ']') + '}'; };
  CHECK(good(jose::read_object(nested(31))));
  CHECK(refusal(jose::read_object(nested(32))) == errc::bad_json);
  CHECK(refusal(jose::read_object(nested(400'000))) == errc::bad_json);
  CHECK(good(jose::read_object("{}" + std::string(jose::largest_text - 2, ' '))));
  CHECK(refusal(jose::read_object("{}" + std::string(jose::largest_text - 1, ' '))) == errc::bad_json);
}

TEST_CASE("read_json: texts that may, and texts that must be there", "[jose/read_json]") {
  const auto object = must(jose::read_object(R"({"text":"x","empty":"","number":1,"null":null})"));
  CHECK(must(jose::optional_text(object, "text")) == "x");
  CHECK(must(jose::optional_text(object, "empty")) == "");
  CHECK(must(jose::optional_text(object, "none")) == std::nullopt);
  CHECK(must(jose::required_text(object, "text")) == "x");
  CHECK(refusal(jose::required_text(object, "none")) == errc::bad_json);
  for (const char* name : {"number", "null"}) {
    CHECK(refusal(jose::optional_text(object, name)) == errc::bad_json);
    CHECK(refusal(jose::required_text(object, name)) == errc::bad_json);
  }
}

}  // namespace sealring::test

#include "sealring/jose/json_text.hpp"
#include "unit/support.hpp"
#include "vectors/reading.hpp"

namespace sealring::test {

TEST_CASE("json_text: any text survives a stranger's parser", "[jose/json_text]") {
  std::string all;
  for (int c = 0; c < 128; ++c) all += static_cast<char>(c);
  all += "\u00e4\u20ac\U0001f511";
  CHECK(json::parse(jose::json_string(all)).as_string() == all);
}

TEST_CASE("json_text: quotes, reverse solidus and control characters are escaped, and nothing else", "[jose/json_text]") {
  CHECK(jose::json_string("") == R"("")");
  CHECK(jose::json_string(R"(a"b\c/d)") == R"("a\"b\\c/d")");
  CHECK(jose::json_string("\n\x1f\x7f") == "\"\\u000a\\u001f\x7f\"");
  CHECK(jose::json_member("kid", R"(",")") == R"("kid":"\",\"")");
}

TEST_CASE("json_text: an object, member by member", "[jose/json_text]") {
  std::string text = "before ";
  jose::object_writer out{text};
  out.text("a\"", "b\n").base64url("c", bytes{0xfb, 0xff}).json("d", "{}").json("e", "[1]").text("", "");
  out.close();
  CHECK(text == R"(before {"a\"":"b\u000a","c":"-_8","d":{},"e":[1],"":""})");
  text.clear();
  jose::object_writer{text}.close();
  CHECK(text == "{}");
}

}  // namespace sealring::test

#include "agent/keeper/audit/text.hpp"

#include "catch.hpp"

using namespace sealring::agent::audit;

namespace {

std::string as_json(std::string_view text) {
  std::string out;
  append_quoted(out, text);
  return out;
}

}  // namespace

TEST_CASE("what is not UTF-8 is replaced", "[text]") {
  CHECK(harmless("grün", 64) == "grün");
  CHECK(harmless("a\xff"
                 "b",
                 64) ==
        "a\xef\xbf\xbd"
        "b");
  CHECK(harmless("\xc0\xaf", 64) == "\xef\xbf\xbd\xef\xbf\xbd");  // overlong
  CHECK(harmless("\xed\xa0\x80", 64).size() == 9);                // a surrogate
  CHECK(harmless("\xf4\x90\x80\x80", 64).size() == 12);           // above U+10FFFF
  CHECK(harmless("\xe2\x82", 64) == "\xef\xbf\xbd\xef\xbf\xbd");  // cut short
}

TEST_CASE("text is cut between characters, and once", "[text]") {
  for (std::size_t limit = 8; limit < 40; ++limit) {
    for (const std::string& text : {std::string(100, 'x'), std::string("ü") + std::string(50, '\xff'),
                                    std::string("a€€€€€€€€€€€€€€€€€€€€€€"), std::string("😀😀😀😀😀😀😀😀😀😀😀😀")}) {
      const auto cut = harmless(text, limit);
      CHECK(cut.size() <= limit);
      CHECK(cut.ends_with("..."));
      CHECK(harmless(cut, limit) == cut);
    }
  }
  CHECK(harmless("12345678", 8) == "12345678");
}

TEST_CASE("strings have one form, which can be read back", "[text]") {
  CHECK(as_json("a\"b\\c") == R"("a\"b\\c")");
  CHECK(as_json("\n\x1b[2J\x7f") == R"("\u000a\u001b[2J\u007f")");
  CHECK(as_json("\xc2\x9b \xe2\x80\xae \xe2\x80\x8b") == "\"\\u009b \\u202e \\u200b\"");
  for (unsigned code = 0; code < 256; ++code) {
    const std::string text = harmless(std::string(1, static_cast<char>(code)) + "x", 64);
    const std::string form = as_json(text) + "rest";
    std::string_view rest = form;
    CHECK(take_quoted(rest) == text);
    CHECK(rest == "rest");
  }
  for (const std::string bad : {"", "x", "\"", "\"\\", "\"\\n\"", "\"\\u12", "\"\\ud800\"", "\"\\u12g4\""}) {
    std::string_view rest = bad;
    CHECK(!take_quoted(rest));
  }
}

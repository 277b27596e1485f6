#include "agent/wire/text.hpp"

#include "catch.hpp"

using namespace sealring::wire;
using namespace std::string_view_literals;

TEST_CASE("text is UTF-8 without control characters", "[text]") {
  for (const auto good : {""sv, "plain"sv, "G\u00fcnther \u20ac \U0001F512"sv, "\xc2\xa0"sv, "\xed\x9f\xbf"sv, "\xee\x80\x80"sv,
                          "\xf4\x8f\xbf\xbf"sv, "\xe0\xa0\x80"sv, "\xf0\x90\x80\x80"sv})
    CHECK(is_text(good));
  for (const auto bad : {"a\0b"sv,
                         "line\n"sv,
                         "\x1b[31m"sv,
                         "\x7f"sv,
                         "\xc2\x80"sv,
                         "\xc2\x9f"sv,  // controls: C0, DEL, C1
                         "\x80"sv,
                         "\xc0\x80"sv,
                         "\xc1\xbf"sv,
                         "\xe0\x9f\xbf"sv,
                         "\xf0\x8f\xbf\xbf"sv,  // stray and overlong
                         "\xed\xa0\x80"sv,
                         "\xed\xbf\xbf"sv,
                         "\xf4\x90\x80\x80"sv,
                         "\xf5\x80\x80\x80"sv,
                         "\xff"sv,  // surrogates, above U+10FFFF
                         "\xc3"sv,
                         "\xe2\x82"sv,
                         "\xf0\x9f\x94"sv,
                         "\xc3("sv,
                         "\xe2(\xa1"sv,
                         "\xf0\x9f("sv})  // cut off
    CHECK_FALSE(is_text(bad));
}

TEST_CASE("text is made fit: replaced where it is not text, cut off between characters", "[text]") {
  CHECK(to_text("G\u00fcn\nther\xff", 100) == "G\u00fcn?ther?");
  CHECK(to_text("a\u20ac", 3) == "a");
  CHECK(to_text("a\u20ac", 4) == "a\u20ac");
  CHECK(to_text("\xe2\x82", 10) == "??");
  CHECK(to_text("abc", 0).empty());
}

TEST_CASE("names are what hosts and accounts are called", "[text]") {
  for (const auto good : {""sv, "example.com"sv, "*.example.com"sv, "@account"sv, "Code_Signing-2"sv}) CHECK(is_name(good));
  CHECK(is_name(std::string(128, 'a')));
  CHECK_FALSE(is_name(std::string(129, 'a')));
  for (const auto bad : {"a b"sv, "a/b"sv, "\0"sv, "\xc3\xbc"sv, "a\n"sv, "../x"sv, "a:b"sv, "a;b"sv})
    CHECK_FALSE(is_name(bad));
}

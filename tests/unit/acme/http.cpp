#include "sealring/acme/http.hpp"

#include "catch.hpp"

namespace sealring::test {

using namespace std::chrono;

TEST_CASE("http: Retry-After in seconds and in the three forms of a date", "[http]") {
  const sys_seconds now{sys_days{1994y / November / 6} + 8h + 49min};
  const auto after = [&](std::string text) { return http::retry_after({429, {{"retry-after", std::move(text)}}, {}}, now); };
  CHECK(after("120") == 120s);
  CHECK(after("0") == 0s);
  CHECK(after("Sun, 06 Nov 1994 08:49:37 GMT") == 37s);
  CHECK(after("Sunday, 06-Nov-94 08:49:37 GMT") == 37s);
  CHECK(after("Sun Nov  6 08:49:37 1994") == 37s);
  CHECK(after("Sun, 06 Nov 1994 08:00:00 GMT") == 0s);  // past: at once
  CHECK(after("Fri, 31 Dec 9999 23:59:59 GMT") == 999'999'999s);
  for (const char* bad : {"", "-1", "1.5", "soon", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 31 Feb 1994 08:49:37 GMT",
                          "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 28:49:37 GMT", "99999999999999999999"}) {
    INFO(bad);
    CHECK_FALSE(after(bad));
  }
  CHECK_FALSE(http::retry_after({429, {}, {}}, now));
}

TEST_CASE("http: links of one relation, from several headers and from one", "[http]") {
  const http::response r{200,
                         {{"Link", R"(<https://ca/dir>;rel="index")"},
                          {"link", R"(<https://ca/1>;rel="alternate", <https://ca/2>; title="x"; rel="alternate")"},
                          {"Link", "<https://ca/3>;rel=alternate"},
                          {"Link", "<unterminated"}},
                         {}};
  CHECK(http::links(r, "alternate") == std::vector<std::string>{"https://ca/1", "https://ca/2", "https://ca/3"});
  CHECK(http::links(r, "index") == std::vector<std::string>{"https://ca/dir"});
  CHECK(http::links(r, "up").empty());
}

TEST_CASE("http: a reference is resolved against where it came from", "[http]") {
  CHECK(http::resolve("https://ca:14000/a/b", "/c") == "https://ca:14000/c");
  CHECK(http::resolve("https://ca", "/c") == "https://ca/c");
  CHECK(http::resolve("https://ca/a", "//other/c") == "https://other/c");
  CHECK(http::resolve("https://ca/a", "https://other/c") == "https://other/c");
}

}  // namespace sealring::test

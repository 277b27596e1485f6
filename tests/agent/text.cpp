#include "agent/text.hpp"

#include "catch.hpp"

using sealring::agent::nearest;
using sealring::agent::one_line;
using sealring::agent::openssl_value;
using sealring::agent::quote;

TEST_CASE("quote keeps a name on its line", "[text]") {
  CHECK(quote("plain") == "\"plain\"");
  CHECK(quote("a\"b\\c") == R"("a\"b\\c")");
  CHECK(quote("a\nb\x1b[2J\x7f") == R"("a\u000Ab\u001B[2J\u007F")");
  CHECK(quote("a\u009b2J\u00a0") == "\"a\\u009B2J\u00a0\"");
  CHECK(quote("grün") == "\"grün\"");
}

TEST_CASE("openssl_value keeps what config(5) would read otherwise", "[text]") {
  CHECK(openssl_value("/plain/path") == "/plain/path");
  CHECK(openssl_value("/a $b#c'd\"e`f\\g") == R"(/a \$b\#c\'d\"e\`f\\g)");
}

TEST_CASE("one_line takes the control characters out of what a stranger wrote", "[text]") {
  CHECK(one_line("plain, grün") == "plain, grün");
  CHECK(one_line("a\nb\r\x1b[2J\u009b\x7f\xc2") == "a?b??[2J??\xc2");
  CHECK(one_line("") == "");
}

TEST_CASE("nearest finds a slip and no more", "[text]") {
  CHECK(nearest("modul", {"module", "token", "verify"}) == "module");
  CHECK(nearest("tokne", {"module", "token"}) == "token");
  CHECK(nearest("pin_file", {"pin-file", "init-args"}) == "pin-file");
  CHECK(nearest("colour", {"module", "token"}).empty());
  CHECK(nearest("x", {"module", "token"}).empty());
  CHECK(nearest(std::string(100'000, 'a'), {"module"}).empty());
}

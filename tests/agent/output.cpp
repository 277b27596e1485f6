#include "agent/cli/output.hpp"

#include "catch.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <sstream>

using namespace sealring;
using agent::cli::output;

namespace {

struct terminal {
  std::ostringstream out, err;
};

}  // namespace

TEST_CASE("a person reads lines and tables", "[output]") {
  terminal t;
  output o(t.out, t.err, {});
  o.say("done");
  o.table({"NAME", "STATUS"}, {{"grün.example", "issued"}, {"b", "revoked", "more"}});
  o.print({{"not", "shown"}});
  CHECK(t.out.str() ==
        "done\n"
        "NAME          STATUS\n"
        "grün.example  issued\n"
        "b             revoked  more\n");
  CHECK(t.err.str() == "");
}

TEST_CASE("a program reads one JSON document", "[output]") {
  terminal t;
  output o(t.out, t.err, {.json = true});
  o.say("hidden");
  o.table({"A"}, {{"hidden"}});
  SECTION("the result") {
    o.print({{"name", "x"}});
    CHECK(t.out.str() == "{\"name\":\"x\"}\n");
  }
  SECTION("or the error, which a person sees too") {
    o.error(agent::fail(errc::bad_name, "\"x\""));
    const auto error = boost::json::parse(t.out.str()).at("error");
    CHECK(error.at("code").as_string() == "sealring:9");
    CHECK(error.at("condition").as_string() == "bad_input");
    CHECK(error.at("message").as_string() == "\"x\": not a name or address that a certificate can carry");
    CHECK(t.err.str().starts_with("sealring: error: \"x\": not a name or address"));
  }
}

TEST_CASE("progress stays on one line of a terminal", "[output]") {
  terminal t;
  {
    output o(t.out, t.err, {.terminal = true});
    o.progress("one");
    o.progress("two");
    o.say("done");
    o.progress("three");
  }
  CHECK(t.err.str() == "one\r\x1b[Ktwo\r\x1b[Kthree\r\x1b[K");
}

TEST_CASE("progress is plain lines elsewhere, and none when quiet", "[output]") {
  terminal t;
  output(t.out, t.err, {}).progress("one");
  output(t.out, t.err, {.quiet = true}).progress("two");
  output(t.out, t.err, {.quiet = true}).warn("three");
  CHECK(t.err.str() == "one\nsealring: warning: three\n");
}

TEST_CASE("what a stranger wrote cannot move the cursor", "[output]") {
  terminal t;
  output o(t.out, t.err, {});
  o.error(agent::fail(condition::peer_fault, "the CA said \x1b[2J\rgone\nsealring: done"));
  CHECK(t.err.str() == "sealring: error: the CA said ?[2J?gone?sealring: done\n");
  output(t.out, t.err, {.colour = true}).warn("x");
  CHECK(t.err.str().ends_with("sealring: \x1b[33mwarning:\x1b[0m x\n"));
}

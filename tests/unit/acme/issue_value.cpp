#include "sealring/acme/issue_value.hpp"

#include "unit/acme/scripted_ca.hpp"

namespace sealring::test {

TEST_CASE("issue_value: a name and parameters, with spaces wherever the grammar has them", "[issue_value]") {
  const auto v = must(acme::parse_issue_value(" \tCA1.Example.net ; account = 230123\t; Policy=ev "));
  CHECK(v.issuer == "ca1.example.net");
  REQUIRE(v.parameters.size() == 2);
  CHECK(v.values("ACCOUNT") == std::vector<std::string>{"230123"});
  CHECK(v.values("policy") == std::vector<std::string>{"ev"});
  CHECK(must(to_text(v)) == "ca1.example.net; account=230123; Policy=ev");
  CHECK(must(acme::parse_issue_value("ca.example;")).parameters.empty());
  CHECK(must(acme::parse_issue_value("ca.example; a=")).values("a") == std::vector<std::string>{""});
  CHECK(must(acme::parse_issue_value("ca.example;a=b=c")).values("a") == std::vector<std::string>{"b=c"});
}

TEST_CASE("issue_value: nobody", "[issue_value]") {
  for (const char* text : {"", ";", " ; ", "\t"}) {
    const auto v = must(acme::parse_issue_value(text));
    CHECK(v.issuer.empty());
    CHECK(v.parameters.empty());
    CHECK(must(to_text(v)) == ";");
  }
  CHECK(must(acme::parse_issue_value("; a=b")).issuer.empty());
}

TEST_CASE("issue_value: what the grammar does not allow", "[issue_value]") {
  for (const char* text : {"ca_1.example", "-ca.example", "ca.example.", "ca..example", "ca example", "%%%%%",
                           "ca.example; policy", "ca.example; =b", "ca.example; a=b;", "ca.example;; a=b", "ca.example; a=b c",
                           "ca.example; a-=b", "ca.example; a=\x7f", "ca.example; a=\xc3\xa9"}) {
    CAPTURE(text);
    CHECK(refusal(acme::parse_issue_value(text)) == sealring::errc::bad_name);
  }
  CHECK(refusal(acme::parse_issue_value(std::string_view{"ca.example; a=\0b", 16})) == sealring::errc::bad_name);
  for (const auto& v : {acme::issue_value{"ca example"}, acme::issue_value{"ca.example", {{"a", "b;c"}}},
                        acme::issue_value{"ca.example", {{"a b", "c"}}}})
    CHECK(refusal(to_text(v)) == sealring::errc::bad_name);
}

}  // namespace sealring::test

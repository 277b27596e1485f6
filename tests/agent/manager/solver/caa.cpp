#include "agent/manager/solver/check_caa.hpp"

#include "agent/scratch.hpp"

#include <map>

using namespace sealring;
using namespace sealring::agent;
using namespace sealring::test;
using Catch::Contains;

namespace {

const std::vector<std::string> ours{"ca.example"};
constexpr const char* account = "https://ca.example/acct/1";

std::string verdict(const std::vector<caa_record>& records, challenge_type method = challenge_type::http01,
                    bool wildcard = false) {
  return outcome(caa_verdict(records, {ours, account, method, wildcard}));
}

caa_record issue(std::string value) { return {0, "issue", std::move(value)}; }

}  // namespace

TEST_CASE("who may issue", "[caa]") {
  CHECK(verdict({}) == "");
  CHECK(verdict({issue("ca.example")}) == "");
  CHECK(verdict({issue(" CA.Example ; x=y")}) == "");
  CHECK(verdict({issue("other.example"), {0, "ISSUE", "ca.example"}}) == "");
  CHECK(verdict({{0, "iodef", "mailto:a@b.example"}}) == "");
  CHECK_THAT(verdict({issue("other.example")}), Contains("it is for \"other.example\"") && Contains("value \"ca.example\""));
  CHECK_THAT(verdict({issue(";")}), Contains("lets no CA issue"));
  CHECK_THAT(verdict({issue("")}), Contains("lets no CA issue"));
  CHECK_THAT(verdict({issue("ca.example; no parameter")}), Contains("lets no CA issue"));
}

TEST_CASE("wildcards have a property of their own", "[caa]") {
  const std::vector<caa_record> records{issue("ca.example"), {0, "issuewild", "other.example"}};
  CHECK(verdict(records) == "");
  CHECK_THAT(verdict(records, challenge_type::dns01, true), Contains("no issuewild record"));
  CHECK(verdict({issue("ca.example")}, challenge_type::dns01, true) == "");
  CHECK(verdict({{0, "issuewild", ";"}}) == "");
  CHECK(verdict({issue(";"), {0, "issuewild", "ca.example"}}, challenge_type::dns01, true) == "");
}

TEST_CASE("accounts and methods", "[caa]") {
  CHECK(verdict({issue("ca.example; accounturi=https://ca.example/acct/1; validationmethods=dns-01,http-01")}) == "");
  CHECK_THAT(verdict({issue("ca.example; accounturi=https://ca.example/acct/2")}), Contains("another account"));
  CHECK_THAT(verdict({issue("ca.example; validationmethods=dns-01")}), Contains("other methods"));
  CHECK_THAT(verdict({issue("ca.example; validationmethods=http-011")}), Contains("other methods"));
  CHECK_THAT(verdict({issue("ca.example; accounturi=https://ca.example/acct/1; accounturi=x")}), Contains("another account"));
}

TEST_CASE("what is critical and unknown forbids", "[caa]") {
  CHECK(verdict({issue("ca.example"), {0, "future", "x"}}) == "");
  CHECK(verdict({{128, "issue", "ca.example"}}) == "");
  CHECK_THAT(verdict({issue("ca.example"), {128, "future", "x"}}), Contains("\"future\" is marked critical"));
}

TEST_CASE("a CA that does not tell its names is not judged by them", "[caa]") {
  const caa_question nameless{{}, account, challenge_type::http01, false};
  CHECK(outcome(caa_verdict(std::vector{issue("other.example")}, nameless)) == "");
  CHECK_THAT(outcome(caa_verdict(std::vector{issue(";")}, nameless)), Contains("lets no CA issue"));
}

TEST_CASE("the nearest records above a name count", "[caa]") {
  std::map<std::string, dns_answer> zone;
  const auto caa_of = [](std::string owner, std::string value) {
    return dns_record{std::move(owner), dns_type::caa, {}, issue(std::move(value))};
  };
  zone["example.test"].answer = {caa_of("example.test", ";")};
  zone["a.example.test"].answer = {caa_of("a.example.test", "ca.example")};
  zone["c.example.test"].answer = {{"c.example.test", dns_type::cname, "a.example.test", {}}};
  std::vector<std::string> asked, said;
  const dns_asker ask = [&](const std::string& name, dns_type) -> agent::result<dns_answer> {
    asked.push_back(name);
    if (name == "silent.test") return agent::fail(condition::retry_later, "nobody answers");
    return zone[name];
  };
  const auto check = [&](std::string name) {
    asked.clear();
    return outcome(check_caa(ask, {identifier::type::dns, std::move(name)}, {ours, account, challenge_type::http01, false},
                             [&](std::string_view line) { said.emplace_back(line); }));
  };
  CHECK(check("x.a.example.test") == "");
  CHECK(asked == std::vector<std::string>{"x.a.example.test", "a.example.test"});
  CHECK_THAT(check("b.example.test"),
             Catch::StartsWith("CAA at \"example.test\" forbids a certificate for \"b.example.test\""));
  CHECK(check("c.example.test") == "");
  CHECK(check("none.test") == "");
  CHECK(said.empty());
  CHECK(check("silent.test") == "");
  CHECK(said.size() == 1);

  INFO("a CA that does not say that it asks CAA is asked, whatever stands there");
  const caa_question nameless{{}, account, challenge_type::http01, false};
  const auto log = [&](std::string_view line) { said.emplace_back(line); };
  CHECK(outcome(check_caa(ask, {identifier::type::dns, "b.example.test"}, nameless, log)) == "");
  REQUIRE(said.size() == 2);
  CHECK_THAT(said.back(), Catch::StartsWith("CAA at \"example.test\": ") && Contains("lets no CA issue") &&
                              Catch::EndsWith("; going on, for this CA does not say that it asks CAA"));
  CHECK(outcome(check_caa(ask, {identifier::type::ip, "192.0.2.1"}, {ours, account, challenge_type::http01, false}, {})) == "");
}

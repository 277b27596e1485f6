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

acme::caa_record issue(std::string value) { return {0, "issue", std::move(value)}; }

}  // namespace

TEST_CASE("the nearest records above a name count", "[check_caa]") {
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
    return outcome(check_caa(ask, {identifier::type::dns, std::move(name)}, {ours, account, "http-01", false},
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
  const acme::caa_question nameless{{}, account, "http-01", false};
  const auto log = [&](std::string_view line) { said.emplace_back(line); };
  CHECK(outcome(check_caa(ask, {identifier::type::dns, "b.example.test"}, nameless, log)) == "");
  REQUIRE(said.size() == 2);
  CHECK_THAT(said.back(), Catch::StartsWith("CAA at \"example.test\": ") && Contains("lets no CA issue") &&
                              Catch::EndsWith("; going on, for this CA does not say that it asks CAA"));
  CHECK(outcome(check_caa(ask, {identifier::type::ip, "192.0.2.1"}, {ours, account, "http-01", false}, {})) == "");
}

#include "agent/supervisor/requests.hpp"

#include "agent/scratch.hpp"

using namespace sealring;
using namespace sealring::agent;
using Catch::Contains;
using sealring::test::outcome;

namespace {

const std::string digest = "gfj9Xq_Zz-a5HvE1xYQdRk3mSnBtLc0WpUoIiT7eD2A";

config settings() {
  config c;
  c.file = "/etc/sealring/sealring.toml";
  c.dns01.hook = {"dns-hook"};
  c.certificates.push_back({.name = "a", .domains = {"*.example.com", "www.example.org", "192.0.2.1"}});
  c.certificates.push_back({.name = "b", .domains = {"example.net"}});
  return c;
}

std::string judged(const std::string& name, const std::string& record, const std::string& value = digest) {
  const auto result = judge(settings(), hook_request{name, hook_action::present, record, value});
  if (!result) CHECK(result.error().code == condition::denied);
  return outcome(result);
}

}  // namespace

TEST_CASE("requests and answers come back as they were", "[requests]") {
  for (const numbered_request& one : {
           numbered_request{0, deploy_request{"a"}},
           numbered_request{18'446'744'073'709'551'615u, hook_request{"a", hook_action::present, "_acme-challenge.a", digest}},
           numbered_request{7, hook_request{"a", hook_action::clean_up, "_acme-challenge.a", digest}},
       }) {
    const auto read = parse_request(encode(one));
    REQUIRE(outcome(read) == "");
    CHECK((*read == one));
  }
  const auto done = parse_answer(encode(answer{9, {}}));
  REQUIRE(outcome(done) == "");
  CHECK(done->number == 9);
  CHECK(outcome(done->outcome) == "");
  const auto failed = parse_answer(encode(answer{9, fail(condition::denied, "no\nlines\x1b")}));
  REQUIRE(outcome(failed) == "");
  CHECK(failed->outcome.error().code == condition::denied);
  CHECK(failed->outcome.error().what == "no?lines?");

  INFO("a text is cut, and one that is empty is not sent");
  const auto cut = encode(answer{9, fail(condition::denied, std::string(100'000, 'a'))});
  CHECK(cut.size() < longest_message);
  CHECK(outcome(parse_answer(cut)) == "");
  CHECK(outcome(parse_answer(encode(answer{9, fail(condition::denied, "")}))) == "");
}

TEST_CASE("nothing else is a request or an answer", "[requests]") {
  for (const std::string& wrong : std::vector<std::string>{"",
                                                           "\n",
                                                           "deploy",
                                                           "deploy\n1",
                                                           "deploy\n1\n",
                                                           "deploy\n1\na\n",
                                                           "deploy\n1\na\nb",
                                                           "deploy\n-1\na",
                                                           "deploy\n1x\na",
                                                           "deploy\n18446744073709551616\na",
                                                           "Deploy\n1\na",
                                                           {"deploy\n1\na\0b", 12},
                                                           "deploy\n1\na\x1b",
                                                           "hook\n1\na\npresent\nr",
                                                           "hook\n1\na\nerase\nr\nv",
                                                           "done\n1",
                                                           "deploy\n1\n" + std::string(longest_message, 'a')}) {
    CAPTURE(wrong);
    CHECK(parse_request(wrong).has_error());
  }
  for (const std::string wrong :
       {"", "done", "done\n1\n2", "failed\n1\n2", "failed\n1\n0\nx", "failed\n1\n99\nx", "deploy\n1\na"})
    CHECK(parse_answer(wrong).has_error());
}

TEST_CASE("a hook makes the records that a CA asks for, and no others", "[requests]") {
  CHECK(judged("a", "_acme-challenge.example.com") == "");
  CHECK(judged("a", "_acme-challenge.www.example.org") == "");
  CHECK(judged("b", "_ujmmovf2vn55tgye._acme-challenge.example.net") == "");
  for (const char* record :
       {"example.com", "_acme-challenge.example.net", "_acme-challenge.*.example.com", "_acme-challenge.example.com.",
        "_acme-challenge.example.org", "_ujmmovf2vn55tgye.example.com", "_ujmmovf2vn55tgy._acme-challenge.example.com",
        "_ujmmovf2vn55tgy1._acme-challenge.example.com", "_UJMMOVF2VN55TGYE._acme-challenge.example.com",
        "_acme-challenge.192.0.2.1", "x._acme-challenge.example.com", "--help", ""}) {
    CAPTURE(record);
    CHECK_THAT(judged("a", record), Contains("is not the record of a challenge for a domain of \"a\""));
  }
  CHECK_THAT(judged("a", "proofs.example.net"), Contains("where a CNAME leads elsewhere, set \"zone\" in [dns-01]"));
  for (const std::string& value : {std::string(), digest + "A", digest.substr(1), std::string(43, '/'), std::string(43, '\n')})
    CHECK_THAT(judged("a", "_acme-challenge.example.com", value), Contains("is not the value of a challenge"));
  CHECK_THAT(judged("c", "_acme-challenge.example.com"), Contains("no certificate \"c\" is configured"));

  CHECK(outcome(judge(settings(), deploy_request{"b"})) == "");
  CHECK_THAT(outcome(judge(settings(), deploy_request{"../b"})), Contains("is configured"));
  config without = settings();
  without.dns01.hook.clear();
  CHECK_THAT(outcome(judge(without, hook_request{"b", hook_action::present, "_acme-challenge.example.net", digest})),
             Contains("[dns-01] has no \"hook\" in /etc/sealring/sealring.toml"));
}

TEST_CASE("where a CNAME leads, a hook makes records in the zone that the operator names", "[requests]") {
  config c = settings();
  c.dns01.zone = "acme.example.net";
  const auto judged_there = [&](const std::string& record) {
    return outcome(judge(c, hook_request{"a", hook_action::present, record, digest}));
  };
  CHECK(judged_there("acme.example.net") == "");
  CHECK(judged_there("_x-1.a.acme.example.net") == "");
  CHECK(judged_there("_acme-challenge.example.com") == "");
  for (const char* record :
       {"example.net", "aacme.example.net", "acme.example.net.", ".acme.example.net", "a..acme.example.net",
        "-a.acme.example.net", "x.-a.acme.example.net", "A.acme.example.net", "a b.acme.example.net", "*.acme.example.net"}) {
    CAPTURE(record);
    CHECK_THAT(judged_there(record), Contains("is not the record of a challenge"));
  }
}

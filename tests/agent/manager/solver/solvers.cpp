#include "agent/manager/solver/solvers.hpp"

#include "agent/manager/http01.hpp"
#include "agent/scratch.hpp"

using namespace sealring;
using namespace sealring::agent;
using namespace sealring::test;
using Catch::Contains;

namespace {

const identifier loopback{identifier::type::ip, "127.0.0.1"};

struct scene {
  config c;
  std::vector<std::string> said, told, ran;

  scene() {
    auto free = http01_listener::open("127.0.0.1:0");
    REQUIRE(outcome(free) == "");
    c.http01 = {"127.0.0.1:" + std::to_string(free->port()), std::nullopt, free->port()};
    c.dns.resolver = "127.0.0.1:1";  // nobody answers there
  }

  solvers make() {
    return solvers::make(
               c,
               [this](const std::string& certificate, bool present, const std::string& record, const std::string& value) {
                 ran.push_back(certificate + (present ? " present " : " clean-up ") + record + ' ' + value);
                 return agent::result<void>();
               },
               [this](const challenge_task&, const std::string& what) { told.push_back(what); },
               [this](std::string_view line) { said.emplace_back(line); })
        .value();
  }
};

challenge_task http_task(std::string certificate, std::string token) {
  return {std::move(certificate), loopback, challenge_type::http01, token, token + ".k", ""};
}

}  // namespace

TEST_CASE("no address is proved by DNS", "[solvers]") {
  certificate_entry entry;
  entry.challenge = challenge_type::dns01;
  CHECK(type_for(entry, {identifier::type::dns, "a.example"}) == challenge_type::dns01);
  CHECK(type_for(entry, loopback) == challenge_type::http01);
  entry.challenge = challenge_type::tls_alpn01;
  CHECK(type_for(entry, loopback) == challenge_type::tls_alpn01);
}

TEST_CASE("a configuration without updates or hook cannot do DNS", "[solvers]") {
  scene s;
  const auto all = s.make();
  certificate_entry entry{.name = "web", .challenge = challenge_type::dns01};
  CHECK_THAT(outcome(all.solver_for(entry, {identifier::type::dns, "a.example"})), Contains("neither to which \"server\""));
  entry.manual = true;
  CHECK(outcome(all.solver_for(entry, {identifier::type::dns, "a.example"})) == "");
  s.c.dns01.server = "ns.example";
  CHECK_THAT(outcome(solvers::make(s.c, {}, {})), Contains("\"server\" in [dns-01]"));
}

TEST_CASE("http-01: the port is held while somebody needs it", "[solvers]") {
  scene s;
  const auto all = s.make();
  auto* solver = all.solver_for({.name = "web"}, loopback).value();
  const auto one = http_task("web", "t"), shared = http_task("mail", "t"), other = http_task("web", "u");
  for (const auto& task : {one, shared, other}) REQUIRE(outcome(solver->present(task)) == "");
  CHECK(outcome(solver->look(one)) == "");
  CHECK(solver->clean_up(one));
  CHECK(solver->clean_up(one));
  CHECK(outcome(solver->look(shared)) == "");
  CHECK(solver->clean_up(shared));
  CHECK_THAT(outcome(solver->look(one)), Contains("HTTP status 404"));
  auto wrong = other;
  wrong.key_authorization = "u.another";
  const auto refused = outcome(solver->look(wrong));
  CHECK_THAT(refused, Contains("another content") && !Contains("u.k"));
  CHECK_THAT(refused, Contains("if only this machine sees it so, set look = false in [http-01]"));
  CHECK(s.said.empty());
  CHECK(solver->clean_up(other));
  CHECK(outcome(solver->look(one)) == "");  // nothing can be judged where nobody listens
  REQUIRE(s.said.size() == 1);
  CHECK_THAT(s.said.front(), Contains("going on"));
  CHECK(outcome(http01_listener::open(s.c.http01.listen)) == "");
}

TEST_CASE("what our own look finds wrong is for the log alone where the operator wants it so", "[solvers]") {
  scene s;
  s.c.http01.look = false;
  const auto all = s.make();
  auto* solver = all.solver_for({.name = "web"}, loopback).value();
  const auto task = http_task("web", "t");
  REQUIRE(outcome(solver->present(task)) == "");
  auto wrong = task;
  wrong.key_authorization = "t.another";
  CHECK(outcome(solver->look(wrong)) == "");
  REQUIRE(s.said.size() == 1);
  CHECK_THAT(s.said.front(), Contains("another content") && Contains("going on"));
  CHECK(solver->clean_up(task));
}

TEST_CASE("http-01 by a web root leaves nothing", "[solvers]") {
  const scratch_folder root;
  scene s;
  s.c.http01.webroot = root.path;
  const auto all = s.make();
  auto* solver = all.solver_for({.name = "web"}, loopback).value();
  const auto one = http_task("web", "t"), other = http_task("mail", "u");
  for (const auto& task : {one, other}) REQUIRE(outcome(solver->present(task)) == "");
  CHECK(slurp(root / ".well-known/acme-challenge/t") == "t.k");
  CHECK(solver->clean_up(one));
  CHECK(slurp(root / ".well-known/acme-challenge/u") == "u.k");
  CHECK(solver->clean_up(other));
  CHECK(std::filesystem::is_empty(root.path));
}

TEST_CASE("tls-alpn-01: a name is proved for one certificate at a time", "[solvers]") {
  scene s;
  s.c.tls_alpn01.listen = "127.0.0.1:0";
  const auto all = s.make();
  auto* solver = all.find(challenge_type::tls_alpn01);
  const auto task = [](std::string certificate, std::string token) {
    return challenge_task{std::move(certificate), loopback, challenge_type::tls_alpn01, token, token + ".k", ""};
  };
  REQUIRE(outcome(solver->present(task("web", "t"))) == "");
  CHECK(outcome(solver->present(task("mail", "t"))) == "");  // where the CA has them share a challenge
  const auto second = solver->present(task("mail", "v"));
  REQUIRE(second.has_error());
  CHECK(second.error().code == condition::retry_later);
  CHECK_THAT(second.error().what, Contains("is being proved for another certificate"));
  CHECK(solver->clean_up(task("web", "t")));
  CHECK(outcome(solver->present(task("mail", "v"))) == "");
}

TEST_CASE("a person is told what to make, and waited for", "[solvers]") {
  scene s;
  const auto all = s.make();
  auto* solver = all.solver_for({.name = "web", .manual = true}, loopback).value();
  const auto task = http_task("web", "t");
  REQUIRE(outcome(solver->present(task)) == "");
  REQUIRE(s.told.size() == 1);
  CHECK(s.told.front() == "serve at http://127.0.0.1:" + std::to_string(s.c.http01.port) +
                              "/.well-known/acme-challenge/t exactly this body: t.k");
  const auto looked = solver->look(task);
  REQUIRE_FALSE(looked.has_value());
  CHECK(looked.error().code == condition::operator_needed);
  CHECK_THAT(looked.error().what, Contains(s.told.front()) && Contains("goes on by itself"));
  auto listener = http01_listener::open(s.c.http01.listen);
  REQUIRE(outcome(listener) == "");
  listener->add("t", "t.k");
  CHECK(outcome(solver->look(task)) == "");
}

TEST_CASE("a clean-up that has failed is not taken for one that was done", "[solvers]") {
  scene s;
  s.c.dns01.hook = {"hook"};
  bool works = true;
  const auto all = solvers::make(
                       s.c,
                       [&](const std::string&, bool, const std::string&, const std::string&) {
                         return works ? agent::result<void>() : agent::fail(condition::retry_later, "the hook failed");
                       },
                       {}, [&](std::string_view line) { s.said.emplace_back(line); })
                       .value();
  const challenge_task task{"web", {identifier::type::dns, "a.example"}, challenge_type::dns01, "t", "t.k", ""};
  auto* solver = all.find(challenge_type::dns01);
  REQUIRE(solver != nullptr);
  REQUIRE(outcome(solver->present(task)) == "");
  works = false;
  CHECK_FALSE(solver->clean_up(task));
  CHECK(s.said == std::vector<std::string>{"the hook failed"});
  works = true;
  CHECK(solver->clean_up(task));
}

TEST_CASE("a hook is told of the record, and of its end", "[solvers]") {
  scene s;
  s.c.dns01.hook = {"hook"};
  const auto all = s.make();
  const challenge_task task{"web", {identifier::type::dns, "a.example"}, challenge_type::dns01, "t", "t.k", ""};
  auto* solver = all.solver_for({.name = "web", .challenge = challenge_type::dns01}, task.id).value();
  REQUIRE(outcome(solver->present(task)) == "");
  CHECK(solver->clean_up(task));
  const auto place = place_of(task);
  CHECK(s.ran == std::vector<std::string>{"web present _acme-challenge.a.example " + place->value,
                                          "web clean-up _acme-challenge.a.example " + place->value});
}

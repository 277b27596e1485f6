#include "agent/supervisor/servant.hpp"

#include "supervisor/unix_client.hpp"

#include "agent/supervisor/links.hpp"

#include <fstream>

using namespace sealring;
using namespace sealring::test;
using namespace std::chrono_literals;
using agent::hook_action;
using agent::servant;
using Catch::Contains;

namespace {

const std::string record_value = "gfj9Xq_Zz-a5HvE1xYQdRk3mSnBtLc0WpUoIiT7eD2A";

struct scene {
  scratch_folder folder;
  std::string record = (folder / "ran").string();
  agent::config settings;
  std::string log;

  scene() {
    settings.certificates.push_back(entry("works", "echo works >>" + record));
    settings.certificates.push_back(entry("fails", "echo broken >&2; exit 2"));
    settings.certificates.push_back({.name = "none"});
    settings.certificates.back().domains = {"example.com"};
    settings.dns01.hook = {"sh", "-c", "echo \"$@\" >>" + record, "hook"};
  }
  static agent::certificate_entry entry(const std::string& name, const std::string& script) {
    agent::certificate_entry out;
    out.name = name;
    out.reload = {"sh", "-c", script};
    return out;
  }
  agent::servant_plan plan() {
    return {[this]() -> agent::result<agent::config> { return settings; },
            {},
            [this](std::string_view line) { log += std::string(line) + "\n"; }};
  }
  std::string serve(const agent::request& r) { return outcome(agent::serve(plan(), r)); }
  std::string ran() const { return slurp(record); }
};

void work_off(servant& one) {
  while (one.deadline() != servant::clock::time_point::max()) {
    auto poll = one.waits_for();
    if (one.busy()) static_cast<void>(::poll(poll.data(), poll.size(), 1000));
    one.work(servant::clock::now());
  }
}

}  // namespace

TEST_CASE("the command of the files is run, and what came of it is told", "[servant]") {
  scene s;
  CHECK(s.serve(agent::deploy_request{"works"}) == "");
  CHECK(s.ran() == "works\n");
  CHECK(s.serve(agent::deploy_request{"none"}) == "");
  CHECK(s.serve(agent::deploy_request{"fails"}) == "reload of \"fails\": \"sh\" exited with status 2: broken");
  CHECK_THAT(s.serve(agent::deploy_request{"other"}), Contains("no certificate \"other\" is configured"));
  CHECK(s.log.starts_with("reload of \"works\": done\nreload of \"none\": done\nreload of \"fails\": \"sh\" exited"));

  INFO("the files are read when it is run");
  s.settings.certificates[0].reload = {"false"};
  CHECK_THAT(s.serve(agent::deploy_request{"works"}), Contains("exited with status 1"));
}

TEST_CASE("files that cannot be read now are no refusal", "[servant]") {
  const agent::servant_plan plan{[]() -> agent::result<agent::config> { return agent::fail(condition::bad_input, "a slip"); }};
  const auto said = agent::serve(plan, agent::deploy_request{"works"});
  REQUIRE(said.has_error());
  CHECK(said.error().code == condition::retry_later);
  CHECK_THAT(said.error().what, Contains("a slip"));
}

TEST_CASE("a hook is given its three arguments", "[servant]") {
  scene s;
  const std::string record = "_acme-challenge.example.com";
  CHECK(s.serve(agent::hook_request{"none", hook_action::present, record, record_value}) == "");
  CHECK(s.serve(agent::hook_request{"none", hook_action::clean_up, record, record_value}) == "");
  CHECK(s.ran() == "present " + record + " " + record_value + "\nclean-up " + record + " " + record_value + "\n");
  CHECK_THAT(s.serve(agent::hook_request{"works", hook_action::present, record, record_value}), Contains("refuses"));
}

TEST_CASE("one at a time, and one that waits already is run once for all", "[servant]") {
  scene s;
  servant one(s.plan());
  int answers = 0;
  const auto count = [&](const agent::result<void>& r) { answers += r ? 1 : 100; };
  one.ask(agent::deploy_request{"works"}, count);
  one.work(servant::clock::now());
  CHECK(one.busy());
  for (int i = 0; i < 3; ++i) one.ask(agent::deploy_request{"works"}, count);  // of files that are newer
  work_off(one);
  CHECK(answers == 4);
  CHECK(s.ran() == "works\nworks\n");

  INFO("and once for all certificates that have the same command");
  s.settings.certificates.push_back(s.settings.certificates.front());
  s.settings.certificates.back().name = "works as well";
  std::ofstream{s.record, std::ios::trunc};
  one.ask(agent::deploy_request{"works"}, count);
  one.ask(agent::deploy_request{"fails"}, count);
  one.ask(agent::deploy_request{"works as well"}, count);
  work_off(one);
  CHECK(answers == 4 + 2 + 100);
  CHECK(s.ran() == "works\n");
  CHECK_THAT(s.log, Contains("reload of \"works\", \"works as well\": done"));

  INFO("a full queue says so at once");
  std::string said;
  for (int i = 0; i < 100; ++i)
    one.ask(agent::deploy_request{std::to_string(i)}, [&](const auto& r) { said += outcome(r) + "\n"; });
  CHECK_THAT(said, Contains("too many commands wait for their turn"));
  one.forget();
  CHECK(one.deadline() == servant::clock::time_point::max());
}

TEST_CASE("requests come over a channel, and answers go back", "[servant]") {
  scene s;
  servant one(s.plan());
  auto [ours, theirs] = agent::socket_pair(SOCK_SEQPACKET).value();
  const auto send = [&](std::string_view text) { REQUIRE(outcome(agent::send_message(theirs.get(), text)) == ""); };
  send(encode(agent::numbered_request{1, agent::deploy_request{"fails"}}));
  send("nonsense");
  send(std::string(10'000, 'x'));
  REQUIRE(outcome(agent::send_link(theirs.get(), {agent::descriptor(::dup(0)), {}})) == "");
  send(encode(agent::numbered_request{2, agent::deploy_request{"works"}}));
  CHECK(one.hear(ours.get()));
  work_off(one);
  const auto next = [&] { return agent::parse_answer(agent::receive(theirs.get()).value()->message).value(); };
  const auto first = next();
  CHECK(first.number == 1);
  CHECK_THAT(outcome(first.outcome), Contains("broken"));
  const auto second = next();
  CHECK(second.number == 2);
  CHECK(outcome(second.outcome) == "");
  CHECK_THAT(s.log, Catch::StartsWith("the manager has sent what is no request\n"));

  INFO("a manager that dies takes nothing down");
  send(encode(agent::numbered_request{3, agent::deploy_request{"works"}}));
  CHECK(one.hear(ours.get()));
  one.work(servant::clock::now());
  theirs.reset();
  CHECK_FALSE(one.hear(ours.get()));
  one.forget();
  ours.reset();
  work_off(one);
  CHECK(s.ran() == "works\nworks\n");
}

TEST_CASE("a stranger's descriptors do not stay", "[servant]") {
  scene s;
  servant one(s.plan());
  auto [ours, theirs] = agent::socket_pair(SOCK_SEQPACKET).value();
  int many[3] = {0, 0, 0};
  char byte = 'x';
  iovec part{&byte, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof many)] = {};
  msghdr m{};
  m.msg_iov = &part;
  m.msg_iovlen = 1;
  m.msg_control = control;
  m.msg_controllen = sizeof control;
  cmsghdr* const right = CMSG_FIRSTHDR(&m);
  right->cmsg_level = SOL_SOCKET;
  right->cmsg_type = SCM_RIGHTS;
  right->cmsg_len = CMSG_LEN(sizeof many);
  std::memcpy(CMSG_DATA(right), many, sizeof many);
  const auto count = [] { return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}); };
  const auto before = count();
  for (int i = 0; i < 5; ++i) {
    REQUIRE(::sendmsg(theirs.get(), &m, 0) == 1);
    CHECK(one.hear(ours.get()));
  }
  CHECK(count() == before);
}

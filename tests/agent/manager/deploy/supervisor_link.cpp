#include "agent/manager/deploy/supervisor_link.hpp"

#include "agent/scratch.hpp"
#include "agent/supervisor/links.hpp"

#include <sys/socket.h>

using namespace sealring;
using namespace sealring::test;
using namespace std::chrono_literals;
using Catch::Contains;

namespace {

agent::certificate_entry entry(const std::string& name) {
  agent::certificate_entry out;
  out.name = name;
  out.reload_timeout = 0s;
  return out;
}

struct ends {
  agent::descriptor supervisor, manager;
  ends() { std::tie(supervisor, manager) = agent::socket_pair(SOCK_SEQPACKET).value(); }
  agent::numbered_request next() const {
    return agent::parse_request(agent::receive(supervisor.get()).value()->message).value();
  }
  void answer(std::uint64_t number, const agent::result<void>& r) const {
    REQUIRE(outcome(agent::send_message(supervisor.get(), encode(agent::answer{number, r}))) == "");
  }
};

}  // namespace

TEST_CASE("each of many threads gets its own answer", "[supervisor_link]") {
  const ends channel;
  agent::supervisor_link link{channel.manager.get()};
  const agent::channel_reader reader{channel.manager.get(), link};
  std::vector<std::thread> threads;
  std::vector<std::string> said(8);
  for (std::size_t i = 0; i < said.size(); ++i)
    threads.emplace_back([&, i] { said[i] = outcome(link.deploy(entry(std::to_string(i)))); });
  std::vector<agent::numbered_request> asked;
  for (std::size_t i = 0; i < said.size(); ++i) asked.push_back(channel.next());
  channel.answer(4711, {});  // to nobody
  for (auto one = asked.rbegin(); one != asked.rend(); ++one) {
    const auto& name = std::get<agent::deploy_request>(one->what).name;
    channel.answer(one->number, name == "0" ? agent::result<void>{} : agent::fail(condition::denied, "no " + name));
  }
  for (auto& one : threads) one.join();
  CHECK(said[0] == "");
  for (std::size_t i = 1; i < said.size(); ++i) CHECK(said[i] == "no " + std::to_string(i));
}

TEST_CASE("who waits for a supervisor that goes is told so", "[supervisor_link]") {
  ends channel;
  agent::supervisor_link link{channel.manager.get()};
  const agent::channel_reader reader{channel.manager.get(), link};
  agent::result<void> said{};
  std::thread waits([&] { said = link.hook(entry("a"), agent::hook_action::present, "r", "v"); });
  CHECK(std::get<agent::hook_request>(channel.next().what).name == "a");
  channel.supervisor.reset();
  waits.join();
  for (const auto& one : {said, link.deploy(entry("a"))}) {
    REQUIRE(one.has_error());
    CHECK(one.error().code == condition::retry_later);
  }
}

TEST_CASE("one that does not answer in time is waited for no longer", "[supervisor_link]") {
  const ends channel;
  const agent::supervisor_link link{channel.manager.get(), 20ms};
  const auto said = link.deploy(entry("a"));
  REQUIRE(said.has_error());
  CHECK(said.error().code == condition::retry_later);
  CHECK_THAT(said.error().what, Contains("has not answered in time"));
}

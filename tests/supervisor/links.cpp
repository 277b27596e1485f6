#include "agent/supervisor/links.hpp"

#include "supervisor/unix_client.hpp"

using namespace sealring;
using namespace sealring::test;
using Catch::Contains;

TEST_CASE("a link goes over its channel", "[links]") {
  auto [supervisor, manager] = agent::socket_pair(SOCK_SEQPACKET).value();
  auto [ours, theirs] = agent::socket_pair(SOCK_STREAM).value();
  REQUIRE(outcome(agent::send_link(supervisor.get(), {std::move(theirs), {7, 8, 9}})) == "");
  auto got = agent::receive_link(manager.get());
  REQUIRE(outcome(got) == "");
  REQUIRE(*got);
  CHECK((*got)->other.pid == 7);
  CHECK((*got)->other.uid == 8);
  CHECK((*got)->other.gid == 9);
  CHECK((::fcntl((*got)->socket.get(), F_GETFD) & FD_CLOEXEC) != 0);
  REQUIRE(::write((*got)->socket.get(), "hello\n", 6) == 6);
  CHECK(read_line(ours.get()) == "hello");

  INFO("the end of one is seen at the other");
  (*got)->socket.reset();
  char byte = 0;
  CHECK(::read(ours.get(), &byte, 1) == 0);
}

TEST_CASE("a channel that is empty, dead, full or wrong says so", "[links]") {
  auto [supervisor, manager] = agent::socket_pair(SOCK_SEQPACKET).value();
  REQUIRE(::fcntl(manager.get(), F_SETFL, O_NONBLOCK) == 0);
  CHECK_FALSE(agent::receive_link(manager.get()).value());
  REQUIRE(::write(supervisor.get(), "L", 1) == 1);
  CHECK_THAT(outcome(agent::receive_link(manager.get())), Contains("without a link"));
  agent::link_end any{agent::descriptor(::dup(supervisor.get())), {}};
  int sent = 0;
  while (sent < 10'000 && agent::send_link(supervisor.get(), any)) ++sent;
  CHECK(sent > 0);
  CHECK(sent < 10'000);
  for (int i = 0; i < sent; ++i) REQUIRE(agent::receive_link(manager.get()).value());
  any.socket.reset();
  supervisor.reset();
  const auto gone = agent::receive_link(manager.get());
  REQUIRE(gone.has_error());
  CHECK(gone.error().code == condition::retry_later);
}

// agent/keeper/server.hpp: whose turn it is, and who is thought to hang.
#include "agent/keeper/server.hpp"

#include "wire/server.hpp"
#include "wire/support.hpp"

#include <future>

namespace sealring::test {

using namespace std::chrono_literals;
using wire::operation;

namespace {

/// Two commands that the server answers as `handle` does, until both have gone.
class served {
public:
  served(agent::request_handler handle, std::size_t threads) : server_{std::move(handle), {.threads = threads}} {
    for (auto& one : ends_) {
      REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, one) == 0);
      REQUIRE(server_.serve_command(one[1]).has_value());
    }
    thread_ = std::thread{[this] { server_.run(); }};
  }
  served(const served&) = delete;
  served& operator=(const served&) = delete;
  ~served() {
    server_.stop();
    thread_.join();
    for (const auto& one : ends_) ::close(one[0]);
  }

  void ask(int who, operation what, const std::string& key, int times = 1) const {
    bytes all;
    for (int i = 0; i < times; ++i) REQUIRE(wire::append(all, wire::request{what, 7, key, {}}).has_value());
    send_whole(ends_[who][0], all);
  }
  void await_reply(int who) const {
    std::uint8_t octet = 0;
    REQUIRE(::recv(ends_[who][0], &octet, 1, 0) == 1);
  }
  const agent::server& operator*() const { return server_; }

private:
  int ends_[2][2]{};
  agent::server server_;
  std::thread thread_;
};

/// On the server's thread, where nothing may be checked.
void say_nothing(const wire::request& r, bytes& out) {
  static_cast<void>(wire::append(out, wire::reply{r.what, r.id, wire::status::ok, {}}));
}

}  // namespace

TEST_CASE("who asks for thousands at once does not keep others waiting for theirs", "[server_turns]") {
  std::promise<void> both_have_asked;
  const auto asked = both_have_asked.get_future().share();
  std::atomic<int> many{0};
  std::atomic<int> before_few{-1};
  const served all{[&](const agent::caller&, const agent::arrival& a, bytes& out) {
                     asked.wait_for(long_enough);
                     if (a.request.key == "many") ++many;
                     else before_few = many.load();
                     say_nothing(a.request, out);
                   },
                   1};
  all.ask(0, operation::hello, "many", 3000);
  all.ask(1, operation::hello, "few");
  both_have_asked.set_value();
  all.await_reply(1);
  CHECK(before_few >= 0);
  CHECK(before_few <= 600);  // what one read holds
}

TEST_CASE("replies do not wait for the requests behind them", "[server_turns]") {
  std::promise<void> first_was_read;
  const auto read = first_was_read.get_future().share();
  std::atomic<int> handled{0};
  std::atomic<bool> too_late = false;
  {
    const served all{[&](const agent::caller&, const agent::arrival& a, bytes& out) {
                       if (++handled == 3) too_late = read.wait_for(long_enough) != std::future_status::ready;
                       std::this_thread::sleep_for(5ms);
                       say_nothing(a.request, out);
                     },
                     1};
    all.ask(0, operation::hello, "a", 3);
    all.await_reply(0);
    first_was_read.set_value();
  }
  CHECK_FALSE(too_late);
}

TEST_CASE("a signature that takes seconds is a module that hangs, unless a key is being made", "[server_turns]") {
  std::promise<void> enough;
  const auto wait = enough.get_future().share();
  std::atomic<int> inside{0};
  const served all{[&](const agent::caller&, const agent::arrival& a, bytes& out) {
                     ++inside;
                     wait.wait_for(long_enough);
                     say_nothing(a.request, out);
                   },
                   2};
  const auto in = [](std::chrono::seconds s) { return std::chrono::steady_clock::now() + s; };
  const auto until_inside = [&](int n) {
    const auto patience = in(long_enough);
    while (inside < n && std::chrono::steady_clock::now() < patience) std::this_thread::yield();
    REQUIRE(inside == n);
  };
  CHECK_FALSE((*all).hangs(in(300s)));
  all.ask(0, operation::sign_message, "a");
  until_inside(1);
  CHECK_FALSE((*all).hangs(in(0s)));
  CHECK((*all).hangs(in(10s)));
  all.ask(1, operation::generate, "b");
  until_inside(2);
  CHECK_FALSE((*all).hangs(in(10s)));
  CHECK((*all).hangs(in(300s)));
  enough.set_value();
  all.await_reply(1);
}

}  // namespace sealring::test

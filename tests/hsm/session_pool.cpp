#include "fixture.hpp"

#include <thread>

using namespace sealring;
using namespace sealring::test;
using namespace std::chrono_literals;

namespace {

auto soon() { return hsm::session_pool::clock::now() + 50ms; }

hsm::session_pool pool_on(const std::string& label, std::size_t most) {
  make_token(label);
  return {load_module(), find_token(label).info().slot, most};
}

}  // namespace

TEST_CASE("sessions are reused, and one more stays open for ever", "[session_pool]") {
  auto pool = pool_on("reuse", 4);
  CK_SESSION_HANDLE first = CK_INVALID_HANDLE;
  const auto before = calls("C_OpenSession");
  {
    const auto s = pool.acquire(soon()).value();
    first = s.handle();
  }
  for (int i = 0; i != 5; ++i) CHECK(pool.acquire(soon()).value().handle() == first);
  CHECK(calls("C_OpenSession") - before == 2);
}

TEST_CASE("a bounded pool makes callers wait, until their deadline", "[session_pool]") {
  auto pool = pool_on("bounded", 3);
  std::optional<hsm::session> a = pool.acquire(soon()).value();
  const auto b = pool.acquire(soon()).value();
  const auto c = pool.acquire(soon());
  CHECK((!c && c.error() == hsm::trouble::sessions_busy));
  std::thread later{[&] {
    std::this_thread::sleep_for(20ms);
    a.reset();
  }};
  CHECK(pool.acquire(hsm::session_pool::clock::now() + 5s));
  later.join();
}

TEST_CASE("those who wait are served in turn", "[session_pool]") {
  auto pool = pool_on("queue", 1);
  std::optional<hsm::session> held = pool.acquire(soon()).value();
  std::mutex mutex;
  std::vector<int> order;
  std::atomic<int> here{0};
  std::vector<std::thread> threads;
  for (int i = 0; i != 5; ++i) {
    threads.emplace_back([&, i] {
      ++here;
      const auto s = pool.acquire(hsm::session_pool::clock::now() + 30s);
      const std::lock_guard lock{mutex};
      if (s) order.push_back(i);
    });
    while (here <= i) std::this_thread::yield();
    std::this_thread::sleep_for(50ms);  // from there into the queue
  }
  held.reset();
  for (auto& thread : threads) thread.join();
  CHECK(order == std::vector{0, 1, 2, 3, 4});
}

TEST_CASE("a spoilt session is closed, not used again", "[session_pool]") {
  auto pool = pool_on("spoilt", 4);
  const auto before = calls("C_CloseSession");
  {
    auto s = pool.acquire(soon()).value();
    s.spoil();
  }
  CHECK(calls("C_CloseSession") - before == 1);
}

TEST_CASE("a token with one or two sessions serves all, whatever code it refuses with", "[session_pool]") {
  const auto* const code = GENERATE("0xb1", "0x7", "0x6");
  const auto most = GENERATE(1, 2);
  static int count = 0;
  const auto label = "narrow " + std::to_string(++count);
  make_token(label);
  REQUIRE(load_module()->finalize());  // sessions of other tests count, too
  const shim_setting limit{"SHIM_MAX_SESSIONS", std::to_string(most)};
  const shim_setting with{"SHIM_SESSION_CODE", code};
  {
    const scratch_folder state;
    const auto token = find_token(label);
    const auto done = token.login(pin_of(right_pin), state.path);
    INFO(message_of(done));
    REQUIRE(done);
    const auto key = token.generate(hsm::key_type::p256, "k");
    INFO(message_of(key));
    REQUIRE(key);
    const auto signer = key->bind<es256>().value();
    std::atomic<int> good = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i != 6; ++i)
      threads.emplace_back([&] {
        for (int n = 0; n != 10; ++n) good += sign(signer, as_bytes("text")) ? 1 : 0;
      });
    for (auto& thread : threads) thread.join();
    CHECK(good == 60);
    // A failure costs the only session, but not the login.
    const shim_setting fail{"SHIM_FAIL", "C_Sign:1:0x20"};
    CHECK(!sign(signer, as_bytes("text")));
    CHECK(sign(signer, as_bytes("text")));
  }
  REQUIRE(load_module()->finalize());
}

#include "agent/client/client_async.hpp"

#include "wire/server.hpp"
#include "wire/support.hpp"

#include <asio/bind_cancellation_slot.hpp>
#include <asio/bind_executor.hpp>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/use_future.hpp>

namespace sealring::test {

using client::async_client_signer;
using client::async_connection;
using wire::errc;
using wire::operation;
using wire::status;

static_assert(async_signer<async_client_signer<es256>> && async_signer<async_client_signer<rs256>> &&
              async_signer<async_client_signer<eddsa>>);
static_assert(!signer<async_client_signer<es256>>);

namespace {

/// Signs by giving back the message's first bytes.
bool sign_with_64_octets(int fd, const wire::request& r) {
  auto signature = must(wire::decode<wire::sign_request>(r.body)).payload;
  signature.resize(64);
  return answer(fd, r, wire::sign_reply{std::move(signature)}), true;
}

async_client_signer<es256> signer_at(asio::io_context& io, const std::string& where,
                                     client::settings s = {.deadline = long_enough}) {
  auto keeper = async_connection::to(io.get_executor(), std::vector{where}, std::move(s)).value();
  return must(async_client_signer<es256>::make(std::move(keeper), "a", key_of<es256>().public_key()));
}

/// The code and the first byte of each signature, in the order of their completion.
struct outcomes {
  std::vector<std::pair<std::error_code, int>> all;
  auto take() {
    return [this](std::error_code code, fixed_bytes<64> signature) { all.emplace_back(code, signature[0]); };
  }
};

/// Until so many operations have completed. An io_context that has run out of work stops, and is started again by new work.
void run_until(asio::io_context& io, const outcomes& seen, std::size_t count) {
  while (seen.all.size() < count) {
    if (io.stopped()) io.restart();
    REQUIRE(io.run_one_for(long_enough) == 1);
  }
}

bytes one(std::size_t value) { return {static_cast<std::uint8_t>(value)}; }

}  // namespace

TEST_CASE("requests are pipelined on one socket, and answered in any order", "[client_async]") {
  std::vector<bytes> held;
  const server keeper{
      fresh_address(), [&](int fd, const wire::request& r) {
        auto signature = must(wire::decode<wire::sign_request>(r.body)).payload;
        signature.resize(64);
        held.push_back(frame_of(wire::reply{r.what, r.id, status::ok, must(wire::encode(wire::sign_reply{signature}))}));
        if (r.id < 100) return true;
        for (; !held.empty(); held.pop_back()) send_whole(fd, held.back());
        return true;
      }};
  asio::io_context io;
  outcomes seen;
  {
    const auto signer = signer_at(io, keeper.address());
    for (std::size_t i = 0; i < 100; ++i) {
      const auto message = one(i);
      signer.async_sign_message(message, seen.take());
    }
    const auto copy = signer;
    copy.async_sign(must(es256::prepare(as_bytes("m"))), seen.take());
  }
  run_until(io, seen, 101);
  REQUIRE(seen.all.size() == 101);
  for (std::size_t i = 0; i < 100; ++i) {
    CHECK(!seen.all[i].first);
    CHECK(seen.all[i].second == static_cast<int>(99 - i));
  }
  CHECK(keeper.connections() == 1);
  CHECK(io.run() > 0);  // and comes back, since the signers are gone
}

TEST_CASE("futures, and handlers on an executor of their own, from many threads", "[client_async]") {
  const server keeper{fresh_address(), sign_with_64_octets};
  asio::io_context io;
  std::atomic<int> wrong{0};
  std::vector<std::thread> runners, callers;
  {
    const auto signer = signer_at(io, keeper.address());
    const auto guard = asio::make_work_guard(io);
    for (int i = 0; i < 2; ++i) runners.emplace_back([&io] { io.run(); });
    for (std::size_t t = 0; t < 4; ++t)
      callers.emplace_back([&wrong, signer, t] {
        for (std::size_t i = 0; i < 200; ++i) {
          const auto message = one(t + i);
          if (signer.async_sign_message(message, asio::use_future).get()[0] != message[0]) ++wrong;
        }
      });
    for (auto& caller : callers) caller.join();
  }
  for (auto& runner : runners) runner.join();
  CHECK(wrong == 0);
  CHECK(keeper.connections() == 1);

  asio::io_context there;
  io.restart();
  outcomes seen;
  {
    const auto signer = signer_at(io, keeper.address());
    const auto message = one(1);
    signer.async_sign_message(message, asio::bind_executor(there.get_executor(), seen.take()));
  }
  std::thread runner{[&io] { io.run(); }};
  while (seen.all.empty()) there.run_one();  // waits: the operation is work of this one's as well
  runner.join();
  CHECK(!seen.all[0].first);
}

TEST_CASE("coroutines, which initiate later than they call", "[client_async]") {
  const server keeper{fresh_address(), sign_with_64_octets};
  asio::io_context io;
  const auto in = must(es256::prepare(as_bytes("m")));
  auto signature = asio::co_spawn(
      io,
      [](async_client_signer<es256> signer) -> asio::awaitable<fixed_bytes<64>> {
        auto later = signer.async_sign(must(es256::prepare(as_bytes("m"))), asio::use_awaitable);
        co_return co_await std::move(later);
      }(signer_at(io, keeper.address())),
      asio::use_future);
  io.run();
  const auto signed_by_keeper = signature.get();
  CHECK(std::ranges::equal(bytes_view{signed_by_keeper}.first(32), in.view()));
}

TEST_CASE("an asynchronous refusal has a code, and the listener the keeper's words", "[client_async]") {
  const server keeper{fresh_address(),
                      [](int fd, const wire::request& r) { return refuse(fd, r, status::denied, "rule 7"), true; }};
  asio::io_context io;
  outcomes seen;
  std::string heard;
  {
    const auto signer = signer_at(io, keeper.address(), {.deadline = long_enough, .on_refusal = [&](auto key, const auto& why) {
                                                           heard += std::string{key} + ": " + why.text;
                                                         }});
    const bytes large(70'000);
    signer.async_sign_message(one(1), seen.take());
    signer.async_sign_message(large, seen.take());
  }
  run_until(io, seen, 2);
  CHECK(seen.all.at(0).first == errc::too_large);  // never sent
  CHECK(seen.all.at(1).first == errc::denied);
  CHECK(heard.ends_with("a: rule 7"));
}

TEST_CASE("asynchronous requests end at their deadline, or when they are cancelled", "[client_async]") {
  const server keeper{fresh_address(), [](int fd, const wire::request& r) {
                        return must(wire::decode<wire::sign_request>(r.body)).payload[0] != 3 || sign_with_64_octets(fd, r);
                      }};
  asio::io_context io;
  outcomes seen;
  asio::cancellation_signal stop;
  {
    const auto signer = signer_at(io, keeper.address(), {.deadline = std::chrono::milliseconds{1500}});
    signer.async_sign_message(one(1), asio::bind_cancellation_slot(stop.slot(), seen.take()));
    asio::post(io, [&] { stop.emit(asio::cancellation_type::terminal); });
    run_until(io, seen, 1);
    CHECK(seen.all.back().first == std::errc::operation_canceled);
    signer.async_sign_message(one(2), seen.take());
    run_until(io, seen, 2);
    CHECK(seen.all.back().first == errc::timed_out);
    signer.async_sign_message(one(3), seen.take());
    run_until(io, seen, 3);
    CHECK(!seen.all.back().first);
    CHECK(seen.all.back().second == 3);
  }
  CHECK(keeper.connections() == 1);              // nobody else was disturbed
  stop.emit(asio::cancellation_type::terminal);  // of nothing
  io.run();
}

TEST_CASE("asynchronous requests outlive a keeper that was restarted, once", "[client_async]") {
  std::atomic<int> hang_ups{1};
  const server keeper{fresh_address(),
                      [&](int fd, const wire::request& r) { return hang_ups-- <= 0 && sign_with_64_octets(fd, r); }};
  asio::io_context io;
  outcomes seen;
  const auto signer = signer_at(io, keeper.address());
  for (std::size_t i = 1; i <= 3; ++i) signer.async_sign_message(one(i), seen.take());
  run_until(io, seen, 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK(seen.all[i].second == static_cast<int>(i + 1));
  CHECK(keeper.connections() == 2);

  hang_ups = 100;
  signer.async_sign_message(one(4), seen.take());
  run_until(io, seen, 4);
  CHECK(seen.all.back().first == errc::closed);

  const auto nowhere = signer_at(io, "@sealring-nobody");
  nowhere.async_sign_message(one(5), seen.take());
  run_until(io, seen, 5);
  CHECK(seen.all.back().first == errc::unreachable);
}

TEST_CASE("asynchronous requests wait for a place in the backlog, and refuse nonsense", "[client_async]") {
  const auto where = fresh_address();
  const int listener = listen_at(where, 0);
  const auto address = client::address::parse(where).value();
  std::vector<client::descriptor> filling;
  for (;;) {
    client::descriptor filler{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (::connect(filler.get(), address.raw(), address.size()) != 0) break;
    filling.push_back(std::move(filler));
  }
  asio::io_context io;
  outcomes seen;
  const auto hurried = signer_at(io, where, {.deadline = std::chrono::milliseconds{30}});
  hurried.async_sign_message(one(1), seen.take());
  run_until(io, seen, 1);
  CHECK(seen.all.back().first == errc::timed_out);

  auto signer = signer_at(io, where);
  signer.async_sign_message(one(2), seen.take());
  std::thread keeper{[&] {
    for (std::size_t i = 0; i < filling.size(); ++i) ::close(::accept(listener, nullptr, nullptr));
    const int fd = ::accept(listener, nullptr, nullptr);
    serve_connection(fd, [](int to, const wire::request& r) { return sign_with_64_octets(to, r), true; });
    ::close(fd);
  }};
  run_until(io, seen, 2);
  CHECK(seen.all.back().second == 2);
  ::close(listener);

  const server liar{fresh_address(), [](int fd, const wire::request& r) {
                      return answer(fd, wire::request{operation::reload, r.id, {}, {}}, wire::nothing{}), true;
                    }};
  const auto lied_to = signer_at(io, liar.address());
  lied_to.async_sign_message(one(3), seen.take());
  run_until(io, seen, 3);
  CHECK(seen.all.back().first == errc::bad_answer);
  signer = lied_to;  // the connection goes, and with it the thread's work
  io.poll();
  keeper.join();
}

}  // namespace sealring::test

#include "sealring/batched.hpp"

#include "sealring/verified.hpp"
#include "unit/signers.hpp"

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/io_context.hpp>
#include <asio/thread_pool.hpp>
#include <asio/use_future.hpp>

#include <future>
#include <thread>

namespace sealring::test {

namespace {

/// Notes how many it was given at once. Copies share the notes.
template <algorithm A>
struct batch_device {
  using algorithm_type = A;
  enum class mood { well, down, forgetful, picky, wild };
  mood is = mood::well;
  struct notes {
    std::mutex mutex;
    std::vector<std::size_t> sizes;
  };
  std::shared_ptr<notes> seen = std::make_shared<notes>();

  const typename A::public_key& public_key() const noexcept { return key_of<A>().public_key(); }

  result<std::vector<result<typename A::signature>>> sign_batch(std::span<const typename A::input> in) const {
    {
      const std::lock_guard lock{seen->mutex};
      seen->sizes.push_back(in.size());
    }
    if (is == mood::down) return std::make_error_code(std::errc::no_such_device);
    if (is == mood::wild) throw std::runtime_error{"wild"};
    std::vector<result<typename A::signature>> out;
    for (const auto& one : in) out.push_back(key_of<A>().sign(one));
    if (is == mood::forgetful) out.pop_back();
    if (is == mood::picky) out.front() = std::make_error_code(std::errc::permission_denied);
    return out;
  }
};
using device = batch_device<es256>;
static_assert(batch_signer<device> && async_signer<batched<device>>);
static_assert(async_signer<batched<batch_device<rs256>>> && async_signer<batched<batch_device<eddsa>>>);
static_assert(!batch_signer<software_key<es256>>);

constexpr auto an_hour = std::chrono::hours{1};

/// The codes of `count` signatures that are asked for at once; each that is none was checked.
template <class S>
std::vector<std::error_code> sign_many(const S& key, int count) {
  std::vector<std::promise<std::error_code>> told(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    const auto in = must(es256::prepare(as_bytes(std::to_string(i))));
    key.async_sign(in, [&, i](std::error_code code, const fixed_bytes<64>& signature) {
      const bool fits = code || verify<es256>(key.public_key(), as_bytes(std::to_string(i)), signature);
      told[static_cast<std::size_t>(i)].set_value(fits ? code : make_error_code(errc::bad_signature));
    });
  }
  std::vector<std::error_code> codes;
  for (auto& one : told) codes.push_back(one.get_future().get());
  return codes;
}

}  // namespace

TEST_CASE("batched: so many are signed in one call, and each gets its own signature", "[batched]") {
  asio::thread_pool pool{2};
  const device d;
  const batched key{d, pool.get_executor(), {.most = 4, .patience = an_hour}};
  CHECK(key.public_key() == d.public_key());
  CHECK(sign_many(key, 8) == std::vector<std::error_code>(8));
  CHECK(d.seen->sizes == std::vector<std::size_t>{4, 4});
}

TEST_CASE("batched: too few are signed when the first has waited long enough", "[batched]") {
  asio::thread_pool pool{1};
  const device d;
  const batched key{d, pool.get_executor(), {.most = 1000, .patience = std::chrono::milliseconds{50}}};
  CHECK(sign_many(key, 3) == std::vector<std::error_code>(3));
  CHECK(sign_many(key, 2) == std::vector<std::error_code>(2));
  std::size_t all = 0;  // a slow machine may make more batches of them
  for (const std::size_t size : d.seen->sizes) all += size;
  CHECK(all == 5);
}

TEST_CASE("batched: a device that is down fails all; one that is picky, one; one that forgets an answer, all", "[batched]") {
  asio::thread_pool pool{1};
  const auto with = [&](device::mood mood) {
    return sign_many(batched{device{mood}, pool.get_executor(), {.most = 2, .patience = an_hour}}, 2);
  };
  const auto down = std::make_error_code(std::errc::no_such_device);
  CHECK(with(device::mood::down) == std::vector{down, down});
  const auto wild = std::make_error_code(std::errc::io_error);
  CHECK(with(device::mood::wild) == std::vector{wild, wild});
  CHECK(with(device::mood::picky) == std::vector{std::make_error_code(std::errc::permission_denied), std::error_code{}});
  const auto nonsense = std::make_error_code(std::errc::protocol_error);
  CHECK(with(device::mood::forgetful) == std::vector{nonsense, nonsense});
}

TEST_CASE("batched: what is cancelled leaves its batch", "[batched]") {
  asio::thread_pool pool{1};
  const device d;
  const batched key{d, pool.get_executor(), {.most = 2, .patience = an_hour}};
  asio::cancellation_signal signal;
  std::promise<std::error_code> told;
  key.async_sign(
      must(es256::prepare({})),
      asio::bind_cancellation_slot(signal.slot(), [&](std::error_code code, const fixed_bytes<64>&) { told.set_value(code); }));
  signal.emit(asio::cancellation_type::terminal);
  CHECK(told.get_future().get() == std::errc::operation_canceled);
  CHECK(sign_many(key, 2) == std::vector<std::error_code>(2));
  CHECK(d.seen->sizes == std::vector<std::size_t>{2});
}

TEST_CASE("batched: an open batch ends with its execution context, whatever its handlers hold", "[batched]") {
  const auto held = std::make_shared<int>(1);
  {
    asio::io_context loop;
    const batched key{device{}, loop.get_executor(), {.most = 2, .patience = an_hour}};
    key.async_sign(must(es256::prepare({})), [held, key](std::error_code, const fixed_bytes<64>&) { FAIL("called"); });
    loop.poll();
    CHECK(held.use_count() == 2);
  }
  CHECK(held.use_count() == 1);
}

TEST_CASE("batched: many threads ask at once", "[batched]") {
  asio::thread_pool pool{2};
  const device d;
  const batched key{d, pool.get_executor(), {.most = 5, .patience = std::chrono::milliseconds{1}}};
  std::array<std::vector<std::error_code>, 4> codes;
  {
    std::vector<std::jthread> threads;
    for (auto& mine : codes) threads.emplace_back([&] { mine = sign_many(key, 25); });
  }
  for (const auto& mine : codes) CHECK(mine == std::vector<std::error_code>(25));
  std::size_t all = 0;
  for (const std::size_t size : d.seen->sizes) {
    CHECK(size <= 5);
    all += size;
  }
  CHECK(all == 100);
}

}  // namespace sealring::test

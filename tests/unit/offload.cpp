#include "sealring/offload.hpp"

#include "sealring/verified.hpp"
#include "unit/signers.hpp"

#include <asio/bind_cancellation_slot.hpp>
#include <asio/bind_executor.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/io_context.hpp>
#include <asio/thread_pool.hpp>
#include <asio/use_future.hpp>

#include <future>

namespace sealring::test {

static_assert(async_signer<offloaded<software_key<es256>>> && async_signer<offloaded<software_key<rs256>>> &&
              async_signer<offloaded<software_key<eddsa>>>);

namespace {

/// Tells in which thread it signs, and waits there until it may.
struct slow_signer {
  using algorithm_type = es256;
  std::shared_ptr<std::promise<std::thread::id>> asked = std::make_shared<std::promise<std::thread::id>>();
  std::shared_future<void> may_go{};
  const ec_public_key<p256>& public_key() const noexcept { return key_of<es256>().public_key(); }
  result<fixed_bytes<64>> sign(const digest<sha256>& in) const {
    asked->set_value(std::this_thread::get_id());
    may_go.wait();
    return key_of<es256>().sign(in);
  }
};

struct throwing_signer {
  using algorithm_type = es256;
  std::exception_ptr thrown;
  const ec_public_key<p256>& public_key() const noexcept { return key_of<es256>().public_key(); }
  result<fixed_bytes<64>> sign(const digest<sha256>&) const { std::rethrow_exception(thrown); }
};

template <class A>
std::pair<std::error_code, typename A::signature> signature_by_future(const auto& key) {
  std::promise<std::pair<std::error_code, typename A::signature>> answer;
  key.async_sign(must(A::prepare(as_bytes("m"))), [&answer](std::error_code code, typename A::signature signature) {
    answer.set_value({code, std::move(signature)});
  });
  return answer.get_future().get();
}

}  // namespace

TEST_CASE("offload: every algorithm's signer signs where it was told to", "[offload]") {
  asio::thread_pool pool{2};
  for_each_algorithm([&](auto a) {
    using A = decltype(a);
    const offloaded key{key_of<A>(), pool.get_executor()};
    CHECK(key.public_key() == key_of<A>().public_key());
    const auto [code, signature] = signature_by_future<A>(key);
    CHECK_FALSE(code);
    CHECK(good(verify<A>(key.public_key(), as_bytes("m"), signature)));
  });
}

TEST_CASE("offload: a failure is the signer's own code", "[offload]") {
  asio::thread_pool pool{1};
  const offloaded key{unplugged<es256>{}, pool.get_executor()};
  CHECK(signature_by_future<es256>(key).first == std::errc::no_such_device);
}

TEST_CASE("offload: what the signer throws is a failure", "[offload]") {
  asio::thread_pool pool{1};
  const throwing_signer other{std::make_exception_ptr(std::runtime_error{"unplugged"})};
  CHECK(signature_by_future<es256>(offloaded{other, pool.get_executor()}).first == std::errc::io_error);
  const throwing_signer no_code{std::make_exception_ptr(std::system_error{std::error_code{}})};
  CHECK(signature_by_future<es256>(offloaded{no_code, pool.get_executor()}).first == std::errc::io_error);
  const throwing_signer coded{std::make_exception_ptr(std::system_error{std::make_error_code(std::errc::no_such_device)})};
  CHECK(signature_by_future<es256>(offloaded{coded, pool.get_executor()}).first == std::errc::no_such_device);
}

TEST_CASE("offload: the loop goes on while the signer blocks, and does not end before it is told", "[offload]") {
  std::promise<void> go;
  const slow_signer slow{.may_go = go.get_future().share()};
  asio::io_context loop;
  asio::thread_pool pool{1};
  const offloaded key{slow, pool.get_executor()};
  std::thread::id completed_in;
  key.async_sign(must(es256::prepare({})), asio::bind_executor(loop, [&](std::error_code code, const fixed_bytes<64>&) {
                   CHECK_FALSE(code);
                   completed_in = std::this_thread::get_id();
                 }));
  CHECK(slow.asked->get_future().get() != std::this_thread::get_id());
  bool other = false;
  asio::post(loop, [&] {
    other = true;
    go.set_value();
  });
  loop.run();  // for as long as a handler is to come
  CHECK(other);
  CHECK(completed_in == std::this_thread::get_id());
}

TEST_CASE("offload: what was cancelled before its turn is not signed", "[offload]") {
  std::promise<void> go;
  const slow_signer slow{.may_go = go.get_future().share()};
  asio::thread_pool pool{1};
  const offloaded first{slow, pool.get_executor()};
  const slow_signer never{.may_go = slow.may_go};
  const offloaded second{never, pool.get_executor()};
  auto signature = first.async_sign(must(es256::prepare({})), asio::use_future);
  slow.asked->get_future().wait();
  asio::cancellation_signal signal;
  std::promise<std::error_code> told;
  second.async_sign(
      must(es256::prepare({})),
      asio::bind_cancellation_slot(signal.slot(), [&](std::error_code code, const fixed_bytes<64>&) { told.set_value(code); }));
  signal.emit(asio::cancellation_type::terminal);
  go.set_value();
  CHECK(told.get_future().get() == std::errc::operation_canceled);
  CHECK(signature.get() != fixed_bytes<64>{});
  CHECK(never.asked->get_future().wait_for(std::chrono::seconds{0}) == std::future_status::timeout);
}

}  // namespace sealring::test

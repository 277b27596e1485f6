#include "bench/load.hpp"

#include "catch.hpp"
#include "hsm/error.hpp"
#include "sealring/software_key.hpp"

#include <cmath>
#include <deque>
#include <thread>

namespace {

namespace bench = sealring::bench;
using namespace std::chrono_literals;
using sealring::algorithm_id;
using sealring::bytes;
using sealring::bytes_view;

/// A layer whose workers do as they are told.
class scripted : public bench::layer {
public:
  explicit scripted(bench::blocking_worker::call call) : call_{std::move(call)} {}
  sealring::result<std::unique_ptr<bench::worker>> make_worker(unsigned) override {
    return std::unique_ptr<bench::worker>{std::make_unique<bench::blocking_worker>(call_)};
  }
  sealring::any_public_key public_key() const override { return sealring::any_public_key{}; }

private:
  bench::blocking_worker::call call_;
};

bench::load closed(unsigned threads, std::chrono::duration<double> time) {
  return {.shape = {.threads = threads}, .time = time, .verify_every = 0};
}

std::uint64_t longer_than(const bench::histogram& h, std::chrono::nanoseconds limit) {
  std::uint64_t all = 0;
  for (double p = 0.05; p <= 100; p += 0.05)
    if (h.percentile(p) > static_cast<std::uint64_t>(limit.count())) {
      all = h.count() - static_cast<std::uint64_t>(p / 100 * static_cast<double>(h.count()));
      break;
    }
  return all;
}

}  // namespace

TEST_CASE("a service time that is known is measured", "[load]") {
  std::atomic<std::int64_t> waited{0}, calls{0};
  scripted layer{[&](bytes_view) {
    const auto begin = bench::clock::now();
    std::this_thread::sleep_for(3ms);
    waited += std::chrono::nanoseconds{bench::clock::now() - begin}.count();
    ++calls;
    return bytes(64);
  }};
  const auto done = bench::run(layer, algorithm_id::es256, closed(2, 1500ms));
  CHECK(done.latency.min() >= 3'000'000);
  CHECK(done.made() + 2 == static_cast<std::uint64_t>(calls));  // a first one of each thread is not counted
  // All the time that the threads have is spent in the layer, by its own account and by ours.
  const double ours = static_cast<double>(done.latency.sum()) * 1e-9;
  const double its = static_cast<double>(waited) * 1e-9 * static_cast<double>(done.made()) / static_cast<double>(calls);
  CHECK(std::abs(ours - its) < 0.25 * its);
  CHECK(ours <= 2 * done.seconds);
  CHECK(ours >= done.seconds * 0.5);  // of the two threads, one may have had to wait for a processor
  CHECK(done.service.count() == 0);
  CHECK(done.errors.empty());
}

TEST_CASE("an open loop shows a stall that a closed loop hides", "[load]") {
  const auto stalling = [](std::atomic<int>& calls) {
    return [&calls](bytes_view) {
      if (++calls == 20) std::this_thread::sleep_for(300ms);
      return bytes(64);
    };
  };
  std::atomic<int> calls{0};
  scripted first{stalling(calls)};
  const auto hidden = bench::run(first, algorithm_id::es256, closed(1, 500ms));
  CHECK(longer_than(hidden.latency, 100ms) <= hidden.made() / 20);

  calls = 0;
  scripted second{stalling(calls)};
  auto paced = closed(1, 800ms);
  paced.rate = 500;
  const auto shown = bench::run(second, algorithm_id::es256, paced);
  // 150 requests were to start during the stall; those of its first 200 ms waited for more than 100 ms.
  CHECK(longer_than(shown.latency, 100ms) >= 80);
  CHECK(longer_than(shown.service, 100ms) <= 5);
  CHECK(shown.made() == shown.service.count());
  CHECK(shown.made() + shown.unsent >= 398);
  CHECK(shown.made() + shown.unsent <= 401);
}

TEST_CASE("an open loop that is asked too much says what it did not begin", "[load]") {
  scripted slow{[](bytes_view) {
    std::this_thread::sleep_for(10ms);
    return bytes(64);
  }};
  auto paced = closed(1, 300ms);
  paced.rate = 1000;
  const auto done = bench::run(slow, algorithm_id::es256, paced);
  // It goes on for as long again, and the last that it begins has waited for that long.
  CHECK(done.made() <= 62);
  CHECK(done.unsent >= 230);
  CHECK(done.made() + done.unsent <= 301);
  CHECK(done.latency.max() >= 250'000'000);
}

TEST_CASE("errors are counted by name and end nothing", "[load]") {
  std::atomic<unsigned> calls{0};
  scripted layer{[&](bytes_view) -> sealring::result<bytes> {
    switch (++calls % 3) {
      case 0: return sealring::fail(sealring::hsm::errc::device_error);
      case 1: return sealring::fail(sealring::hsm::errc{0x80000042});
      default: return bytes(64);
    }
  }};
  const auto done = bench::run(layer, algorithm_id::es256, closed(1, 500ms));
  REQUIRE(done.errors.size() == 2);
  CHECK(done.errors.at("CKR_DEVICE_ERROR") > 1);
  CHECK(done.errors.at("CKR_VENDOR_DEFINED") > 1);
  CHECK(done.made() + done.errors.at("CKR_DEVICE_ERROR") + done.errors.at("CKR_VENDOR_DEFINED") == calls);
}

TEST_CASE("a layer without workers is an error, too", "[load]") {
  class workless final : public scripted {
  public:
    workless() : scripted{{}} {}
    sealring::result<std::unique_ptr<bench::worker>> make_worker(unsigned) override {
      return sealring::fail(sealring::hsm::errc::session_count);
    }
  } layer;
  const auto done = bench::run(layer, algorithm_id::es256, closed(3, 10ms));
  CHECK(done.made() == 0);
  CHECK(done.errors.at("CKR_SESSION_COUNT") == 3);
}

TEST_CASE("signatures are verified after the clock has stopped, and a bad one is found", "[load]") {
  const auto key = sealring::software_key<sealring::es256>::generate().value();
  class signing final : public scripted {
  public:
    signing(const sealring::software_key<sealring::es256>& key, std::atomic<unsigned>& calls)
        : scripted{[&key, &calls](bytes_view message) -> sealring::result<bytes> {
            auto signature = sealring::sign_bytes(key, message);
            if (signature && ++calls % 10 == 0) signature->front() ^= 1;
            return signature;
          }},
          key_{key} {}
    sealring::any_public_key public_key() const override { return key_.public_key(); }

  private:
    const sealring::software_key<sealring::es256>& key_;
  };
  std::atomic<unsigned> calls{0};
  signing layer{key, calls};
  auto all = closed(1, 300ms);
  all.verify_every = 1;
  const auto done = bench::run(layer, algorithm_id::es256, all);
  const auto bad = done.errors.at("a signature that does not verify");
  CHECK(bad == calls / 10);
  CHECK(done.verified + bad == done.made());
}

TEST_CASE("as many requests are under way as are asked for", "[load]") {
  /// Answers the oldest request when it is waited for.
  class queueing final : public bench::worker {
  public:
    explicit queueing(std::size_t& most) : most_{most} {}
    void sign(bytes_view, done then) override {
      waiting_.push_back(std::move(then));
      most_ = std::max(most_, waiting_.size());
    }
    void wait(bench::clock::time_point) override {
      const auto then = std::move(waiting_.front());
      waiting_.pop_front();
      then(bytes(64));
    }

  private:
    std::deque<done> waiting_;
    std::size_t& most_;
  };
  class layer_of_those final : public scripted {
  public:
    explicit layer_of_those(std::size_t& most) : scripted{{}}, most_{most} {}
    sealring::result<std::unique_ptr<bench::worker>> make_worker(unsigned) override {
      return std::unique_ptr<bench::worker>{std::make_unique<queueing>(most_)};
    }

  private:
    std::size_t& most_;
  };
  std::size_t most = 0;
  layer_of_those layer{most};
  auto many = closed(1, 300ms);
  many.shape.in_flight = 7;
  const auto done = bench::run(layer, algorithm_id::es256, many);
  CHECK(most == 7);
  CHECK(done.made() >= 7);
  CHECK(done.errors.empty());
}

TEST_CASE("what is told to stop stops", "[load]") {
  std::atomic<bool> stop{false};
  scripted layer{[&](bytes_view) {
    stop = true;
    return bytes(64);
  }};
  auto long_one = closed(1, 60s);
  long_one.stop = &stop;
  CHECK(bench::run(layer, algorithm_id::es256, long_one).seconds < 30);
}

#include "bench/fault.hpp"

#include "bench/load.hpp"
#include "catch.hpp"

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace {

namespace bench = sealring::bench;
using sealring::bytes;
using sealring::bytes_view;

/// A process that answers each octet with one, and ends with us.
class echo {
public:
  echo() {
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends_) == 0);
    id_ = ::fork();
    REQUIRE(id_ >= 0);
    ::close(ends_[id_ == 0 ? 0 : 1]);
    if (id_ != 0) return;
    for (char octet = 0; ::read(ends_[1], &octet, 1) == 1;)
      if (::write(ends_[1], &octet, 1) != 1) break;
    ::_exit(0);
  }
  echo(const echo&) = delete;
  echo& operator=(const echo&) = delete;
  ~echo() {
    ::close(ends_[0]);
    ::kill(id_, SIGKILL);
    ::waitpid(id_, nullptr, 0);
  }
  pid_t id() const { return id_; }
  bool ask() const {
    char octet = 1;
    return ::send(ends_[0], &octet, 1, MSG_NOSIGNAL) == 1 && ::read(ends_[0], &octet, 1) == 1;
  }

private:
  int ends_[2]{};
  pid_t id_ = -1;
};

class asking final : public bench::layer {
public:
  explicit asking(const echo& of) : of_{of} {}
  sealring::result<std::unique_ptr<bench::worker>> make_worker(unsigned) override {
    return std::unique_ptr<bench::worker>{
        std::make_unique<bench::blocking_worker>([this](bytes_view) -> sealring::result<bytes> {
          if (!of_.ask()) return sealring::fail(sealring::errc::crypto_library_failed);
          return bytes(64);
        })};
  }
  sealring::any_public_key public_key() const override { return sealring::any_public_key{}; }

private:
  const echo& of_;
};

}  // namespace

TEST_CASE("faults are read", "[fault]") {
  const auto killing = bench::parse_fault("kill-keeper@2.5");
  REQUIRE(killing);
  CHECK(killing->kills);
  CHECK(killing->at == 2.5);
  CHECK(killing->end() == 2.5);
  const auto stall = bench::parse_fault("stall@2,0.5");
  REQUIRE(stall);
  CHECK_FALSE(stall->kills);
  CHECK(stall->end() == 2.5);
  for (const char* wrong : {"", "@", "stall", "stall@1", "stall@1,", "stall@,1", "stall@1,x", "kill-keeper@", "kill-keeper@-1",
                            "kill-keeper@1,1", "kill-keeper@nan", "kill@1", "stall@1,1,1"})
    CHECK_FALSE(bench::parse_fault(wrong));
}

TEST_CASE("a stall is seen where it was, for as long as it was", "[fault]") {
  const echo other;
  asking layer{other};
  bench::striker trouble{*bench::parse_fault("stall@0.5,0.4"), [&other] { return other.id(); }};
  const bench::load how{
      .shape = {}, .rate = 500, .time = std::chrono::milliseconds{1500}, .verify_every = 0, .trouble = &trouble};
  const auto done = bench::run(layer, sealring::algorithm_id::es256, how);
  REQUIRE(done.by_time);
  const auto& course = *done.by_time;
  CHECK(course.struck >= 0.5);
  CHECK(course.recovered >= 0.35);
  std::uint64_t made = 0, worst = 0;
  for (const auto& m : course.moments) {
    made += m.made;
    worst = std::max(worst, m.worst);
  }
  CHECK(made == done.made());
  CHECK(worst >= 350'000'000);
  // Of the four steps in it three are whole.
  const auto first = static_cast<std::size_t>(course.struck * 10) + 1;
  REQUIRE(course.moments.size() > first + 2);
  for (std::size_t i = first; i != first + 2; ++i) CHECK(course.moments[i].made == 0);
}

TEST_CASE("what is killed does not recover", "[fault]") {
  const echo other;
  asking layer{other};
  bench::striker trouble{*bench::parse_fault("kill-keeper@0.2"), [&other] { return other.id(); }};
  const bench::load how{
      .shape = {}, .rate = 200, .time = std::chrono::milliseconds{500}, .verify_every = 0, .trouble = &trouble};
  const auto done = bench::run(layer, sealring::algorithm_id::es256, how);
  REQUIRE(done.by_time);
  CHECK(done.by_time->recovered < 0);
  CHECK(done.errors.size() == 1);
  CHECK(done.made() >= 1);
}

TEST_CASE("whom it has stopped goes on when it is over", "[fault]") {
  const echo other;
  {
    bench::striker trouble{*bench::parse_fault("stall@0,1000"), [&other] { return other.id(); }};
    trouble.begin(bench::clock::now());
    for (const auto patience = bench::clock::now() + std::chrono::seconds{60}; !trouble.struck();) {
      REQUIRE(bench::clock::now() < patience);
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
  }
  CHECK(other.ask());
}

#include "agent/manager/renewal.hpp"

#include "agent/scratch.hpp"

using namespace sealring;
using namespace sealring::agent;
using namespace std::chrono_literals;

TEST_CASE("what has failed is left alone for longer and longer", "[renewal]") {
  backoff failures;
  auto now = backoff::clock::time_point{} + 1h;
  CHECK(failures.next() == backoff::clock::time_point::max());
  CHECK(failures.allows("a.test", now));
  for (const auto pause : {1min, 10min, 100min, 1440min, 1440min}) {
    static_cast<void>(failures.failed("a.test", "no answer", now));
    CHECK_FALSE(failures.allows("a.test", now + pause - 1s));
    CHECK(failures.allows("b.test", now));
    CHECK(failures.next() == now + pause);
    now += pause;
    CHECK(failures.allows("a.test", now));
  }
  failures.succeeded("a.test");
  CHECK(failures.next() == backoff::clock::time_point::max());
  static_cast<void>(failures.failed("a.test", "no answer", now));
  CHECK(failures.next() == now + 1min);
  failures.clear();
  CHECK(failures.allows("a.test", now));
}

TEST_CASE("a reason is worth a line once", "[renewal]") {
  backoff failures;
  const auto now = backoff::clock::now();
  CHECK(failures.failed("a.test", "no answer", now));
  CHECK_FALSE(failures.failed("a.test", "no answer", now));
  CHECK(failures.failed("b.test", "no answer", now));
  CHECK(failures.failed("a.test", "refused", now));
  failures.succeeded("a.test");
  CHECK(failures.failed("a.test", "refused", now));
}

TEST_CASE("what is missing is issued, and what a person has revoked is not", "[renewal]") {
  const sealring::test::scratch_folder folder;
  const config c = default_config(folder / "sealring.toml");
  const certificate_entry wanted{.name = "a.test", .domains = {"a.test"}};
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  CHECK(need_of(c, wanted, std::nullopt, now) == need::issue);
  certificate held{};
  held.name = "a.test";
  held.domains = {"a.test"};
  CHECK(need_of(c, wanted, held, now) == need::issue);  // its files are not there
  held.status = certificate_status::revoked;
  CHECK(need_of(c, wanted, held, now) == need::operators_word);
}

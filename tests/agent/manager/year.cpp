// A year of many certificates (YEAR_CERTIFICATES=1000: of a thousand), in seconds: the product's own decisions and store, a
// clock of ours, and a CA that suggests windows, counts what it is asked, and is down for three days in the middle.
#include "agent/manager/renewal.hpp"

#include "agent/manager/budget.hpp"
#include "agent/scratch.hpp"
#include "sealring/acme/problem.hpp"

#include <random>

using namespace sealring;
using namespace sealring::test;
using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::seconds;
using std::chrono::sys_seconds;

namespace {

constexpr sys_seconds first_day{1'767'225'600s};
constexpr sys_seconds end = first_day + days{365};
constexpr sys_seconds outage_begins = first_day + days{180};
constexpr sys_seconds outage_ends = outage_begins + days{3};

constexpr seconds lives[] = {days{90}, days{45}, 160h};

struct suggested_window {
  sys_seconds first;
  sys_seconds last;
};

/// Two percent of the lifetime, around two thirds of it, or around a half of a short one.
suggested_window window_of(const agent::certificate& c) {
  const seconds lifetime = c.not_after - c.not_before;
  const auto middle = c.not_before + (lifetime < days{10} ? lifetime / 2 : lifetime * 2 / 3);
  return {middle - lifetime / 100, middle + lifetime / 100};
}

class scripted_world final : public agent::world {
public:
  sys_seconds clock = first_day;
  std::uint64_t asked = 0;
  std::uint64_t issued = 0;
  std::uint64_t failed = 0;
  std::uint64_t expired = 0;
  std::uint64_t missed = 0;
  std::uint64_t overslept = 0;                   // pauses longer than a tenth of the validity left, while orders were free
  std::vector<sys_seconds> counted;              // orders that no suggestion exempts
  std::map<std::string, sys_seconds> failed_at;  // of those whose last attempt has failed
  std::map<std::string, sys_seconds> valid_until;

  sys_seconds now() override { return clock; }
  double chance() override { return std::uniform_real_distribution<double>{0, 1}(random_); }
  void log(std::string_view) override {}

  agent::result<agent::renewal_suggestion> ask(const agent::certificate& c) override {
    ++asked;
    if (down()) return transport();
    const auto window = window_of(c);
    return agent::renewal_suggestion{window.first, window.last, {}, 12h};
  }

  agent::result<agent::certificate> issue(agent::store& state, const agent::issuance& wanted) override {
    const std::string& name = wanted.entry.name;
    if (const auto before = failed_at.find(name); before != failed_at.end()) {
      const seconds left = valid_until.contains(name) ? valid_until[name] - before->second : 0s;
      if (left > 0s && clock - before->second > std::max<seconds>(left / 10, 1s) && !was_full(before->second)) ++overslept;
    }
    if (!wanted.replaced || !in_window(*wanted.replaced)) counted.push_back(clock);
    if (down()) {
      ++failed;
      failed_at[name] = clock;
      return transport();
    }
    if (valid_until.contains(name)) {
      if (valid_until[name] <= clock) ++expired;
      const auto window = window_of(*state.find_certificate(name).value());
      const bool hindered = window.first <= outage_ends && window.last >= outage_begins;
      if (!hindered && (clock < window.first || clock > window.last)) ++missed;
    }
    failed_at.erase(name);
    agent::certificate c{.name = name,
                         .domains = wanted.entry.domains,
                         .directory = wanted.ca.directory,
                         .key_label = name,
                         .key_id = {},
                         .key_type = "p256",
                         .serial = std::to_string(++issued),
                         .not_before = clock,
                         .not_after = clock + lives[std::hash<std::string>{}(name) % std::size(lives)],
                         .issued_at = clock};
    valid_until[name] = c.not_after;
    if (auto put = state.put(c); !put) return put.error();
    return c;
  }

  bool is_live(const agent::certificate&) override { return true; }
  agent::result<void> deploy(const agent::certificate_entry&, const agent::certificate&) override { return {}; }
  agent::findings check(const agent::certificate&) override { return {}; }
  void retire(agent::store&, const agent::certificate&) override {}

private:
  /// Whether the CA would have taken no more orders at some time since.
  bool was_full(sys_seconds since) const {
    for (std::size_t last = counted.size(); last >= 300 && counted[last - 1] >= since; --last)
      if (counted[last - 1] - counted[last - 300] <= 3h) return true;
    return false;
  }
  bool in_window(const agent::certificate& c) const {
    const auto window = window_of(c);
    return window.first <= clock && clock < window.last;
  }
  bool down() const { return clock >= outage_begins && clock < outage_ends; }
  static agent::failure transport() { return {make_error_code(acme::errc::transport), "the connection failed"}; }

  std::mt19937_64 random_{2026};
};

agent::config configuration(std::size_t certificates) {
  agent::config c;
  c.ca.directory = "https://ca.test/dir";
  c.ca.rate_limits = {{agent::limited::orders, 300, 3h},
                      {agent::limited::certificates_per_domain, 50, 168h},
                      {agent::limited::duplicates, 5, 168h},
                      {agent::limited::failures, 5, 1h}};
  c.watch.interval = days{365};
  for (std::size_t i = 0; i < certificates; ++i) {
    const std::string name = "host" + std::to_string(i) + ".example" + std::to_string(i % 100) + ".test";
    c.certificates.push_back({.name = name, .domains = {name}});
  }
  return c;
}

/// The most that lie within any such time.
std::size_t densest(const std::vector<sys_seconds>& sorted, seconds period) {
  std::size_t most = 0;
  for (std::size_t first = 0, last = 0; last < sorted.size(); ++last) {
    while (sorted[last] - sorted[first] >= period) ++first;
    most = std::max(most, last - first + 1);
  }
  return most;
}

}  // namespace

TEST_CASE("a year of many certificates, with a CA that is down for three days", "[year]") {
  const char* const wished = std::getenv("YEAR_CERTIFICATES");  // 1000 take two minutes of a processor
  const std::size_t certificates = wished != nullptr ? std::stoul(wished) : 20;
  const scratch_folder folder;
  const auto c = std::make_shared<const agent::config>(configuration(certificates));
  auto state = agent::store::open("sqlite3://" + (folder / "state.db").string()).value();
  scripted_world world;
  agent::renewal all{world};
  REQUIRE(outcome(all.load(c, state)) == "");
  std::uint64_t looks = 0;
  while (all.next() < end) {
    world.clock = std::max(world.clock, all.next());
    while (auto name = all.take()) {
      all.look_after(state, *name);
      ++looks;
    }
  }
  world.clock = end;

  CHECK(world.expired == 0);
  CHECK(world.missed == 0);
  CHECK(world.overslept == 0);
  CHECK(densest(world.counted, 3h) <= 300);
  for (const auto& entry : c->certificates) {
    CAPTURE(entry.name);
    REQUIRE(world.valid_until[entry.name] > end);
  }
  // Twice a day, and once an hour while it is down: no more.
  CHECK(world.asked <= certificates * (365 * 2 + 3 * 24 + 130 * 2));
  // The outage was met: otherwise none of this was put to the test.
  CHECK(world.failed > certificates / 20);
  INFO("a second look at the same state does nothing");
  const auto issued = world.issued;
  agent::renewal again{world};
  REQUIRE(outcome(again.load(c, state)) == "");
  while (again.next() <= world.clock)
    if (auto name = again.take()) again.look_after(state, *name);
  CHECK(world.issued == issued);
  WARN(certificates << " certificates: " << world.issued << " issued, " << world.failed << " attempts failed in the outage, "
                    << world.asked << " questions, " << looks << " looks");
}

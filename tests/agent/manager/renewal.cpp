// What is decided for one certificate when its CA, its clock or its servers do not behave. A year in which they do is in
// year.cpp.
#include "agent/manager/renewal.hpp"

#include "agent/scratch.hpp"

using namespace sealring;
using namespace sealring::test;
using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::seconds;
using std::chrono::sys_seconds;

namespace {

constexpr sys_seconds new_year{1'767'225'600s};
constexpr seconds life = days{90};

agent::failure busy(std::optional<seconds> retry_after = {}) {
  agent::failure f = agent::fail(condition::retry_later, "the CA is busy");
  f.retry_after = retry_after;
  return f;
}

struct world final : agent::world {
  sys_seconds clock = new_year;
  std::vector<std::string> said;
  std::vector<sys_seconds> ordered;
  std::vector<sys_seconds> retired;
  std::function<agent::result<agent::renewal_suggestion>(const agent::certificate&)> suggest = [](const auto&) {
    return agent::fail(condition::unsupported, "no suggestion");
  };
  std::function<agent::result<void>()> order = [] { return agent::result<void>{}; };
  std::function<agent::result<void>()> put_in_use = [] { return agent::result<void>{}; };

  sys_seconds now() override { return clock; }
  double chance() override { return 0.5; }
  void log(std::string_view line) override { said.emplace_back(line); }
  agent::result<agent::renewal_suggestion> ask(const agent::certificate& c) override { return suggest(c); }
  agent::result<agent::certificate> issue(agent::store& state, const agent::issuance& wanted) override {
    ordered.push_back(clock);
    if (auto done = order(); !done) return done.error();
    agent::certificate c{.name = wanted.entry.name,
                         .domains = wanted.entry.domains,
                         .directory = wanted.ca.directory,
                         .key_label = {},
                         .key_id = {},
                         .key_type = "p256",
                         .serial = std::to_string(ordered.size()),
                         .not_before = clock,
                         .not_after = clock + life,
                         .issued_at = clock};
    if (auto put = state.put(c); !put) return put.error();
    return c;
  }
  bool is_live(const agent::certificate&) override { return true; }
  agent::result<void> deploy(const agent::certificate_entry&, const agent::certificate&) override { return put_in_use(); }
  agent::findings check(const agent::certificate&) override { return {}; }
  void retire(agent::store&, const agent::certificate&) override { retired.push_back(clock); }
};

struct scene {
  scratch_folder folder;
  agent::store state = agent::store::open("sqlite3://" + (folder / "state.db").string()).value();
  agent::config c = settings();
  world w;
  std::unique_ptr<agent::renewal> all = begin();

  static agent::config settings() {
    agent::config out;
    out.ca.directory = "https://ca.test/dir";
    out.watch.interval = days{3650};
    out.certificates.push_back({.name = "a.test", .domains = {"a.test"}});
    return out;
  }
  /// As a process does when it starts.
  std::unique_ptr<agent::renewal> begin() {
    auto out = std::make_unique<agent::renewal>(w);
    REQUIRE(outcome(out->load(std::make_shared<const agent::config>(c), state)) == "");
    return out;
  }
  void run_until(sys_seconds end) {
    while (all->next() <= end) {
      w.clock = std::max(w.clock, all->next());
      while (auto name = all->take()) all->look_after(state, *name);
    }
    w.clock = end;
  }
  agent::upkeep upkeep() { return all->find("a.test")->state; }
};

}  // namespace

TEST_CASE("a CA whose windows are always in the past is heeded three times, and then three times a day", "[renewal]") {
  scene s;
  s.w.suggest = [&](const auto&) { return agent::renewal_suggestion{s.w.clock - 2h, s.w.clock - 1h}; };
  s.run_until(new_year + 1h);
  CHECK(s.w.ordered.size() == 1 + 3);
  s.run_until(new_year + days{10});
  CHECK(s.w.ordered.size() <= 4 + 3 * 10);
  CHECK(s.w.ordered.size() >= 4 + 3 * 8);
  CHECK(s.upkeep().trouble.empty());
}

TEST_CASE("a window that never comes, or comes too late, does not let a certificate expire", "[renewal]") {
  scene s;
  const auto at = [&](auto first, auto last) {
    s.w.suggest = [=](const agent::certificate& c) { return agent::renewal_suggestion{first(c), last(c), {}, 6h}; };
  };
  SECTION("after its end") {
    at([](const auto& c) { return c.not_after + 1h; }, [](const auto& c) { return c.not_after + 2h; });
  }
  SECTION("always in some hours") {
    at([&](const auto&) { return s.w.clock + 7h; }, [&](const auto&) { return s.w.clock + 8h; });
  }
  s.run_until(new_year + life);
  REQUIRE(s.w.ordered.size() == 2);
  CHECK(s.w.ordered[1] < new_year + life - days{4});
  CHECK(s.w.ordered[1] > new_year + life - days{5});
}

TEST_CASE("a back-off outlives the process, and a person's word ends it", "[renewal]") {
  scene s;
  s.w.order = [] { return busy(3h); };
  s.run_until(new_year);
  CHECK(s.w.ordered.size() == 1);
  s.all = s.begin();
  s.run_until(new_year + 2h);
  CHECK(s.w.ordered.size() == 1);
  REQUIRE(outcome(s.all->load(std::make_shared<const agent::config>(s.c), s.state)) == "");
  s.run_until(new_year + 2h);
  CHECK(s.w.ordered.size() == 2);
}

TEST_CASE("a CA that says to wait for longer than there is time is not obeyed", "[renewal]") {
  scene s;
  s.run_until(new_year);
  s.w.order = [] { return busy(days{1}); };
  s.run_until(new_year + life);
  REQUIRE(s.w.ordered.size() > 10);
  CHECK(s.w.ordered.back() > new_year + life - 1h);
}

TEST_CASE("what was planned by a clock that was ahead is planned again", "[renewal]") {
  scene s;
  s.run_until(new_year);
  s.w.order = [] { return busy(); };
  s.run_until(new_year + days{400});
  s.w.order = [] { return agent::result<void>{}; };
  s.w.clock = new_year + life - days{20};
  const auto before = s.w.ordered.size();
  s.run_until(s.w.clock);
  CHECK(s.w.ordered.size() == before + 1);
  CHECK_THAT(s.w.said.back() + s.w.said[s.w.said.size() - 2], Catch::Contains("the clock went back"));
}

TEST_CASE("the key before stays for its drain period after the new one is in use", "[renewal]") {
  scene s;
  s.run_until(new_year);
  s.w.put_in_use = [] { return agent::result<void>{agent::fail(condition::peer_fault, "it still presents the old one")}; };
  s.run_until(new_year + life * 2 / 3 + 3 * s.c.agent.drain);
  REQUIRE(s.w.ordered.size() == 2);
  CHECK(s.w.retired.empty());
  s.w.put_in_use = [] { return agent::result<void>{}; };
  const auto mended = s.w.clock;
  s.run_until(new_year + life);
  REQUIRE(s.w.retired.size() == 1);
  CHECK(s.w.retired[0] >= mended + s.c.agent.drain);
}

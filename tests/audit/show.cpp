#include "agent/keeper/audit/show.hpp"

#include "fixture.hpp"

using namespace sealring;
using namespace sealring::test;
using Catch::Matchers::Contains;

namespace {

struct shown_log : log_fixture {
  shown_log() {
    auto log = open();
    for (std::uint64_t i = 1; i <= 9; ++i) {
      auto r = some_request(i);
      if (i == 5) r.key = "other", r.who.uid = 0, r.who.comm = "\x1b[2J";
      REQUIRE(log.append(r).has_value());
    }
    REQUIRE(log.append(audit::event{"stopped", "SIGTERM"}).has_value());
    REQUIRE(log.close().has_value());
  }
  std::vector<std::uint64_t> numbers(const audit::filter& f) const {
    std::vector<std::uint64_t> found;
    const auto bad = audit::show(file, f, [&](const audit::record& r, std::string_view) { found.push_back(r.sequence); });
    REQUIRE(bad.has_value());
    CHECK(*bad == 0);
    return found;
  }
};

using numbers = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("filters choose records", "[show]") {
  const shown_log f;
  CHECK(f.numbers({}).size() == 12);
  CHECK(f.numbers({.key = "other"}) == numbers{5});
  CHECK(f.numbers({.uid = 0}) == numbers{5});
  CHECK(f.numbers({.denied = true}) == numbers{3, 6, 9});
  CHECK(f.numbers({.rule = "tls-server: rate"}) == numbers{3, 6, 9});
  CHECK(f.numbers({.denied = true, .last = 2}) == numbers{6, 9});
  CHECK(f.numbers({.last = 0}).empty());
  CHECK(f.numbers({.last = 100}).size() == 12);
  audit::timestamp fifth;
  REQUIRE(audit::show(f.file, {.key = "other"}, [&](const audit::record& r, std::string_view) { fifth = r.time; }).has_value());
  CHECK(f.numbers({.since = fifth, .until = fifth}) == numbers{5});
  CHECK(f.numbers({.since = fifth}).back() == 11);
  CHECK(f.numbers({.until = fifth}).front() == 0);
}

TEST_CASE("a record is one line that moves no cursor", "[show]") {
  const shown_log f;
  std::vector<std::string> lines;
  REQUIRE(audit::show(f.file, {}, [&](const audit::record& r, std::string_view) {
            lines.push_back(audit::to_line(r));
          }).has_value());
  CHECK_THAT(lines[0], Contains("Z  0  begun    log "));
  CHECK_THAT(lines[3],
             Contains("Z  3  denied   sign example.com (tls-server) by tls-server: rate for uid 33 pid 4242 nginx: TLS 1.3"));
  CHECK_THAT(lines[5], Contains("\\u001b[2J"));
  CHECK_THAT(lines[10], Contains("event    stopped: SIGTERM"));
  CHECK_THAT(lines[11], Contains("signed   up to 10"));
}

TEST_CASE("lines that are no records are counted", "[show]") {
  const shown_log f;
  auto text = slurp(f.file);
  text.insert(text.find('\n') + 1, "garbage\n");
  spill(f.file, text);
  CHECK(audit::show(f.file, {}, [](const audit::record&, std::string_view) {}).value() == 1);
}

TEST_CASE("times may be given in part", "[show]") {
  const auto text = [](std::string_view t) { return audit::to_text(audit::parse_time(t).value()); };
  CHECK(text("2026-11-24") == "2026-11-24T00:00:00.000000Z");
  CHECK(text("2026-11-24T02:20") == "2026-11-24T02:20:00.000000Z");
  CHECK(text("2026-11-24T02:20:59Z") == "2026-11-24T02:20:59.000000Z");
  CHECK(text("2026-11-24T02:20:59.123456Z") == "2026-11-24T02:20:59.123456Z");
  for (const std::string_view bad :
       {"", "yesterday", "2026-11-31", "2026-11-24 02:20", "2026-11-24T25:00", "2026-11-24T02:20:00+01:00"})
    CHECK_THAT(outcome(audit::parse_time(bad)), Contains("no time"));
}

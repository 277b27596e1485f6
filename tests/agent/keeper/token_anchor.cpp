#include "agent/keeper/token_anchor.hpp"

#include "catch.hpp"

using namespace sealring;
using namespace sealring::agent;
using namespace std::chrono_literals;

namespace {

std::string checkpoint_line(std::uint64_t number, int second) {
  std::string line;
  audit::link at{number, std::string(64, 'a')};
  const audit::timestamp time = std::chrono::sys_days{std::chrono::year{2026} / 11 / 24} + std::chrono::seconds{second};
  const audit::checkpoint c{std::string(32, '0'), number - 1, std::string(64, 'a'), {}};
  REQUIRE(audit::append_line(line, at, time, audit::encode(c)).has_value());
  line.pop_back();
  return line;
}

/// A token that keeps one text, or refuses.
struct fake_token {
  std::vector<std::string> texts;
  int writes = 0;
  std::optional<failure> trouble;
  token_anchor anchor{[this]() -> agent::result<std::vector<std::string>> { return texts; },
                      [this](std::string_view line) -> agent::result<void> {
                        ++writes;
                        if (trouble) return *trouble;
                        texts = {std::string{line}};
                        return {};
                      }};
};

}  // namespace

TEST_CASE("a token gets the first checkpoint, one an hour, and the last one", "[token_anchor]") {
  fake_token t;
  const token_anchor::clock::time_point start{};
  REQUIRE(t.anchor.keep("1", start).has_value());
  CHECK(t.texts == std::vector<std::string>{"1"});
  for (int minute = 1; minute != 60; ++minute)
    REQUIRE(t.anchor.keep(std::to_string(minute + 1), start + minute * 1min).has_value());
  CHECK(t.writes == 1);
  REQUIRE(t.anchor.keep("61", start + 60min).has_value());
  CHECK(t.texts == std::vector<std::string>{"61"});
  REQUIRE(t.anchor.flush().has_value());
  CHECK(t.writes == 2);  // it has the last one already
  REQUIRE(t.anchor.keep("62", start + 61min).has_value());
  REQUIRE(t.anchor.flush().has_value());
  CHECK(t.texts == std::vector<std::string>{"62"});
}

TEST_CASE("a token that keeps nothing is asked once an hour, and the complaint is one", "[token_anchor]") {
  fake_token t;
  t.trouble = fail(condition::unsupported, "no data objects here");
  token_anchor::clock::time_point now{};
  const auto keep = [&](std::string_view line) { return t.anchor.keep(line, now += 1h); };
  CHECK(!keep("1").has_value());
  CHECK(keep("2").has_value());
  CHECK(keep("3").has_value());
  CHECK(t.writes == 3);
  t.trouble = fail(condition::retry_later, "another complaint");
  CHECK(!keep("4").has_value());
  t.trouble.reset();
  CHECK(keep("5").has_value());
  t.trouble = fail(condition::retry_later, "the same, after it had worked");
  CHECK(!keep("6").has_value());
}

TEST_CASE("of what a token holds the newest checkpoint comes first, and what is none is passed over", "[token_anchor]") {
  fake_token t;
  CHECK(t.anchor.read()->empty());
  t.texts = {checkpoint_line(900, 10), "", "not a checkpoint", checkpoint_line(3, 20)};
  CHECK(*t.anchor.read() == std::vector{checkpoint_line(3, 20), checkpoint_line(900, 10)});
}

// How a log is opened again: after an orderly end, a power cut, and somebody's edit.

#include "agent/keeper/audit/tail.hpp"

#include "fixture.hpp"

#include <fcntl.h>

using namespace sealring;
using namespace sealring::test;
using Catch::Matchers::Contains;

namespace {

void fill(log_fixture& f, std::uint64_t records) {
  auto log = f.open();
  for (std::uint64_t i = 0; i < records; ++i) REQUIRE(log.append(some_request(i)).has_value());
  REQUIRE(log.close().has_value());
}

std::string reopened(log_fixture& f) { return outcome(audit::audit_log::open(f.options())); }

std::string set_aside(const log_fixture& f) { return slurp(f.folder / "audit.log.torn-1"); }

}  // namespace

TEST_CASE("a log goes on where it ended", "[tail]") {
  log_fixture f;
  for (int i = 0; i < 3; ++i) fill(f, 10);
  const auto v = f.verify();
  CHECK(why(v) == "");
  CHECK(v.records == 1 + 30 + 3);
  CHECK(v.checkpoints == 3);
  CHECK(f.reported.empty());
  CHECK(mode_of(f.file) == 0600);
}

TEST_CASE("nothing new needs no new checkpoint", "[tail]") {
  log_fixture f;
  fill(f, 10);
  const auto before = slurp(f.file);
  fill(f, 0);
  CHECK(slurp(f.file) == before);
}

TEST_CASE("a torn end is set aside, told, and the log goes on", "[tail]") {
  log_fixture f;
  fill(f, 5);
  const std::string whole = slurp(f.file);
  const std::string tear = GENERATE(as<std::string>{}, "{", "{\"seq\":7,\"time\":\"2026-", std::string(5000, '\0'),
                                    std::string(4096, '\0') + "x\"}\n{\"seq\":9}\n");
  spill(f.file, whole + tear);
  {
    auto log = f.open();
    REQUIRE(log.append(some_request()).has_value());
  }
  CHECK(set_aside(f) == tear);
  CHECK(mode_of(f.folder / "audit.log.torn-1") == 0600);
  const auto now = slurp(f.file);
  CHECK(now.starts_with(whole));
  CHECK_THAT(now, Contains("\"event\":\"torn\"") && Contains(std::to_string(tear.size()) + " bytes at byte") &&
                      Contains("audit.log.torn-1, SHA-256 " +
                               audit::hexadecimal(sealring::hash<sha256>(as_bytes(tear)).value().view())));
  REQUIRE(f.reported.size() == 1);
  CHECK_THAT(f.reported[0], Contains("were moved to audit.log.torn-1"));
  const auto v = f.verify();
  CHECK(why(v) == "");
  CHECK(v.torn == std::vector<std::uint64_t>{7});
}

TEST_CASE("a log torn at any byte behind its last checkpoint opens again and loses no whole record", "[tail]") {
  log_fixture f;
  fill(f, 2);
  const std::size_t from = slurp(f.file).size();
  {
    auto log = f.open();
    for (std::uint64_t i = 0; i < 3; ++i) REQUIRE(log.append(some_request(i)).has_value());
    const std::string all = slurp(f.file);
    REQUIRE(log.close().has_value());
    spill(f.file, all);
  }
  const std::string all = slurp(f.file);
  for (std::size_t cut = from; cut <= all.size(); cut += 7) {
    spill(f.file, all.substr(0, cut));
    REQUIRE(reopened(f) == "");
    const auto whole = all.substr(0, all.rfind('\n', cut - 1) + 1);
    REQUIRE(slurp(f.file).starts_with(whole));
    REQUIRE(why(f.verify()) == "");
  }
}

TEST_CASE("a log torn in its first record begins again", "[tail]") {
  log_fixture f;
  const std::string tear = GENERATE(as<std::string>{}, "", "{\"seq\":0,\"ti", std::string(4096, '\0'));
  spill(f.file, tear);
  ::chmod(f.file.c_str(), 0600);
  fill(f, 1);
  CHECK(why(f.verify()) == "");
  if (!tear.empty()) CHECK(set_aside(f) == tear);
}

TEST_CASE("damage that no power cut makes is not continued", "[tail]") {
  log_fixture f;
  fill(f, 5);
  {
    auto log = f.open();
    REQUIRE(log.append(some_request()).has_value());
    const std::string open_end = slurp(f.file);
    REQUIRE(log.close().has_value());
    spill(f.file, open_end);
  }
  auto lines = lines_of(slurp(f.file));
  REQUIRE(lines.size() == 8);
  SECTION("an edited record behind the checkpoint") { lines[7][100] ^= 1; }
  SECTION("a deleted one, a repeated one") {
    if (GENERATE(true, false)) lines.insert(lines.begin() + 7, lines[7]);
    else lines.erase(lines.begin() + 6);
  }
  SECTION("an edited header") { lines[0][80] ^= 1; }
  SECTION("a header that is gone") { lines.erase(lines.begin()); }
  std::string text;
  for (const auto& line : lines) text += line + '\n';
  spill(f.file, text);
  CHECK_THAT(reopened(f), Contains("audit verify") && Contains("moving it away begins a new one"));
  CHECK(slurp(f.file) == text);
}

TEST_CASE("an anchor shows that the log was cut, or replaced by an old copy", "[tail]") {
  log_fixture f;
  fill(f, 3);
  const std::string old = slurp(f.file);
  fill(f, 3);
  auto o = f.options();
  o.anchored = f.anchored.back();
  CHECK(outcome(audit::audit_log::open(o)) == "");
  spill(f.file, old);
  CHECK_THAT(outcome(audit::audit_log::open(o)), Contains("ends before record 8, which the anchor knows"));
  // Where the log is gone, a new one begins by saying so.
  std::filesystem::remove(f.file);
  CHECK(outcome(audit::audit_log::open(o)) == "");
  CHECK_THAT(slurp(f.file), Contains("\"event\":\"begun\"") && Contains("an anchor knows an earlier log"));
  CHECK(why(f.verify()) == "");
}

TEST_CASE("only a file of our own is opened", "[tail]") {
  log_fixture f;
  const auto other = f.folder / "other";
  SECTION("a symbolic link") {
    spill(other, "");
    std::filesystem::create_symlink(other, f.file);
    CHECK_THAT(reopened(f), Contains("symbolic links"));
  }
  SECTION("a second name") {
    fill(f, 1);
    std::filesystem::create_hard_link(f.file, other);
    CHECK_THAT(reopened(f), Contains("hard link"));
  }
  SECTION("open to others") {
    fill(f, 1);
    ::chmod(f.file.c_str(), 0640);
    CHECK_THAT(reopened(f), Contains("chmod 600"));
  }
  SECTION("another user's") {
    fill(f, 1);
    if (::chown(f.file.c_str(), 65534, 65534) != 0) return;
    CHECK_THAT(reopened(f), Contains("belongs to another user"));
  }
  SECTION("no file") {
    REQUIRE(::mkfifo(f.file.c_str(), 0600) == 0);
    CHECK_THAT(reopened(f), Contains("not a regular file"));
  }
  SECTION("in use") {
    const auto log = f.open();
    const auto second = audit::audit_log::open(f.options());
    REQUIRE(second.has_error());
    CHECK(second.error().code == condition::retry_later);
  }
  SECTION("of another audit key") {
    fill(f, 1);
    f.key = new_key();
    CHECK_THAT(reopened(f), Contains("another audit key"));
  }
}

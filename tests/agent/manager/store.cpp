#include "agent/manager/store.hpp"

#include "agent/scratch.hpp"

#include <csignal>

using namespace sealring;
using namespace sealring::test;
using agent::store;
using Catch::Contains;

namespace {

constexpr std::chrono::sys_seconds at(std::int64_t seconds) { return std::chrono::sys_seconds(std::chrono::seconds(seconds)); }

std::string url(const scratch_folder& folder, std::string_view name = "state.db") {
  return "sqlite3://" + (folder / name).string();
}

agent::account some_account() {
  return {"https://ca.example/dir",       "https://ca.example/acct/1", "sealring account", "00ff", "valid",
          {"mailto:a@b.example", "tel:1"}};
}

agent::certificate some_certificate(std::string name = "example.com", std::string serial = "01ab") {
  return {.name = std::move(name),
          .domains = {"example.com", "www.example.com"},
          .directory = "https://ca.example/dir",
          .key_label = "label",
          .key_id = "0102",
          .key_type = "p256",
          .serial = std::move(serial),
          .not_before = at(1'700'000'000),
          .not_after = at(4'102'444'800),
          .issued_at = at(1'700'000'001),
          .revoked_at = {},
          .revocation_reason = {}};
}

}  // namespace

TEST_CASE("the database is private, and its folder is made", "[store]") {
  const scratch_folder folder;
  const mode_t before = ::umask(0);
  auto s = store::open(url(folder, "deep/er/state.db"));
  REQUIRE(outcome(s) == "");
  REQUIRE(outcome(s->put(some_account())) == "");
  ::umask(before);
  for (const auto& file : std::filesystem::directory_iterator(folder / "deep/er")) {
    CAPTURE(file.path().string());
    CHECK(mode_of(file.path()) == 0600);
  }
}

TEST_CASE("accounts are found, changed and forgotten", "[store]") {
  const scratch_folder folder;
  store s = store::open(url(folder)).value();
  CHECK(s.find_account("https://ca.example/dir").value() == std::nullopt);
  auto a = some_account();
  REQUIRE(outcome(s.put(a)) == "");
  CHECK((s.find_account(a.directory).value() == a));
  a.status = "deactivated";
  a.contact = {};
  REQUIRE(outcome(s.put(a)) == "");
  auto b = a;
  b.directory = "https://a'; DROP TABLE account; --";
  REQUIRE(outcome(s.put(b)) == "");
  CHECK((s.accounts().value() == std::vector{b, a}));
  REQUIRE(outcome(s.erase_account(b.directory)) == "");
  CHECK((s.accounts().value() == std::vector{a}));
}

TEST_CASE("a name keeps the certificates it had", "[store]") {
  const scratch_folder folder;
  store s = store::open(url(folder)).value();
  CHECK(s.find_certificate("example.com").value() == std::nullopt);
  auto first = some_certificate();
  const auto second = some_certificate("example.com", "00");
  const auto other = some_certificate("another.example", "01ab");
  for (const auto& c : {first, second, other}) REQUIRE(outcome(s.put(c)) == "");
  CHECK((s.find_certificate("example.com").value() == second));
  CHECK((s.certificates().value() == std::vector{other, second}));

  first.status = agent::certificate_status::revoked;
  first.revoked_at = at(1'800'000'000);
  first.revocation_reason = 0;
  REQUIRE(outcome(s.put(first)) == "");
  CHECK((s.generations("example.com").value() == std::vector{second, first}));
  REQUIRE(outcome(s.erase_certificate("example.com", second.serial)) == "");
  CHECK((s.find_certificate("example.com").value() == first));
}

TEST_CASE("pending keys are kept until they are erased, and their users are known", "[store]") {
  const scratch_folder folder;
  store s = store::open(url(folder)).value();
  const agent::pending_key a{some_account().key_id, "@account-00000000", at(2)};
  const agent::pending_key b{"00b0", "example.com", at(1)};
  REQUIRE(outcome(s.put(a)) == "");
  REQUIRE(outcome(s.put(b)) == "");
  REQUIRE(outcome(s.put(b)) == "");
  CHECK((s.pending_keys().value() == std::vector{b, a}));
  CHECK_FALSE(s.refers_to_key(a.id).value());
  REQUIRE(outcome(s.put(some_account())) == "");
  CHECK(s.refers_to_key(a.id).value());
  CHECK_FALSE(s.refers_to_key(b.id).value());
  REQUIRE(outcome(s.put(some_certificate())) == "");
  CHECK(s.refers_to_key(some_certificate().key_id).value());
  REQUIRE(outcome(s.erase_pending_key(a.id)) == "");
  CHECK((s.pending_keys().value() == std::vector{b}));
}

TEST_CASE("what was written outlives the process, even one that is killed", "[store]") {
  const scratch_folder folder;
  const pid_t child = ::fork();
  if (child == 0) {
    auto s = store::open(url(folder));
    if (s && s->put(agent::pending_key{"00", "account", at(1)})) ::kill(::getpid(), SIGKILL);
    ::_exit(1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  CHECK(store::open(url(folder)).value().pending_keys().value().size() == 1);
}

TEST_CASE("several processes open and write one new database at once", "[store]") {
  const scratch_folder folder;
  constexpr int processes = 8;
  constexpr int records = 10;
  for (int p = 0; p < processes; ++p) {
    if (::fork() != 0) continue;
    auto s = store::open(url(folder));
    bool good = s.has_value();
    for (int i = 0; good && i < records; ++i) {
      good = s->put(some_certificate("n", std::to_string(p) + "." + std::to_string(i))).has_value();
    }
    ::_exit(good ? 0 : 1);
  }
  for (int p = 0; p < processes; ++p) {
    int status = 0;
    ::wait(&status);
    CHECK(status == 0);
  }
  CHECK(store::open(url(folder)).value().generations("n").value().size() == processes * records);
}

TEST_CASE("a database that cannot be used says why", "[store]") {
  const scratch_folder folder;
  const auto open = [&](const std::string& name) { return outcome(store::open(url(folder, name))); };

  CHECK(store::open("postgresql://host/db").error().code == condition::unsupported);
  CHECK_THAT(outcome(store::open("state.db")), Contains("write \"sqlite3://PATH\""));
  CHECK_THAT(open("a\"b"), Contains("quotation mark"));
  CHECK(open("a = b  c.db") == "");
  CHECK(std::filesystem::exists(folder / "a = b  c.db"));

  spill(folder / "file", "");
  CHECK_THAT(open("file/state.db"), Contains("Not a directory"));
  std::filesystem::create_directory(folder / "folder.db");
  CHECK_THAT(open("folder.db"), Contains("Is a directory"));
  ::chmod(folder.path.c_str(), 0755);
  CHECK_THAT(as_nobody([&] { return open("state.db"); }),
             Contains("Permission denied; its folder must be one that this user may write to"));
  spill(folder / "text.db", std::string(4096, 'x'));
  CHECK_THAT(open("text.db"), Contains("file is not a database"));
}

TEST_CASE("a database that somebody changed is an error, no crash", "[store]") {
  const scratch_folder folder;
  REQUIRE(outcome(store::open(url(folder)).value().put(some_certificate())) == "");
  const auto change = [&](const std::string& sql) {
    // Before it is opened, since SQLite would prepare with the schema it remembers.
    REQUIRE(std::system(("sqlite3 '" + (folder / "state.db").string() + "' '" + sql + "'").c_str()) == 0);
    return store::open(url(folder)).value();
  };
  SECTION("a column is missing") {
    store s = change("ALTER TABLE certificate RENAME COLUMN domains TO other");
    CHECK_THAT(outcome(s.certificates()), Contains("state.db\": "));
  }
  SECTION("a column has another type") {
    store s = change(
        "CREATE TABLE t AS SELECT * FROM certificate; DROP TABLE certificate; CREATE TABLE certificate (name, serial, "
        "generation,"
        " domains, directory, key_label, key_id, key_type, not_before TEXT, not_after TEXT, issued_at TEXT, status, revoked_at,"
        " revocation_reason); INSERT INTO certificate SELECT name, serial, generation, domains, directory, key_label, key_id, "
        "key_type,"
        " not_before, not_after, issued_at, status, revoked_at, revocation_reason FROM t");
    CHECK_THAT(outcome(s.certificates()), Contains("not the type that sealring gave it"));
  }
  SECTION("a table is gone") {
    store s = change("DROP TABLE certificate");
    CHECK_THAT(outcome(s.certificates()), Contains("no such table"));
    CHECK_THAT(outcome(s.put(some_certificate())), Contains("no such table"));
    CHECK(outcome(s.put(some_account())) == "");  // the failed transaction is over
  }
}

TEST_CASE("a schema of the future is refused, not changed", "[store]") {
  const scratch_folder folder;
  REQUIRE(outcome(store::open(url(folder))) == "");
  const std::string command = "sqlite3 '" + (folder / "state.db").string() + "' 'UPDATE sealring_schema SET version = 99'";
  REQUIRE(std::system(command.c_str()) == 0);
  const auto later = store::open(url(folder));
  REQUIRE(later.has_error());
  CHECK(later.error().code == condition::unsupported);
  CHECK_THAT(later.error().what, Contains("later version of sealring (99)"));
}

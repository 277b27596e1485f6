#include "agent/keeper/key_book.hpp"

#include "../scratch.hpp"
#include "catch.hpp"

#include <sys/stat.h>

#include <fstream>

using namespace sealring;
using namespace sealring::agent;
using sealring::test::scratch_folder;
using namespace std::chrono_literals;

namespace {

std::chrono::sys_seconds at(int seconds) { return std::chrono::sys_seconds{std::chrono::seconds{seconds}}; }

kept_key key(const std::string& name, const std::string& id) { return {name, name + '-' + id, id, key_state::making, at(1)}; }

}  // namespace

TEST_CASE("a key is made, taken into use, replaced and forgotten, and the book says so after each step", "[key_book]") {
  const scratch_folder folder;
  const auto file = folder / "book.json";
  const auto state_of = [&](const std::string& id) {  // as another keeper reads it
    const auto book = key_book::open(file).value();
    const kept_key* found = book.find(id);
    return found == nullptr ? std::optional<key_state>{} : found->state;
  };
  auto book = key_book::open(file).value();
  REQUIRE(book.begin(key("a.test", "01")).has_value());
  CHECK(state_of("01") == key_state::making);
  REQUIRE(book.made("01", at(2)).has_value());
  CHECK(state_of("01") == key_state::fresh);
  REQUIRE(book.adopt("01", at(3)).has_value());
  CHECK(state_of("01") == key_state::current);

  REQUIRE(book.begin(key("a.test", "02")).has_value());
  REQUIRE(book.begin(key("b.test", "03")).has_value());
  REQUIRE(book.made("02", at(4)).has_value());
  REQUIRE(book.adopt("02", at(5)).has_value());
  CHECK(state_of("01") == key_state::superseded);
  CHECK(book.find("01")->since == at(5));
  REQUIRE(book.adopt("02", at(9)).has_value());  // again: nothing changes
  CHECK(book.find("02")->since == at(5));
  CHECK(state_of("03") == key_state::making);

  REQUIRE(book.forget("01").has_value());
  CHECK(state_of("01") == std::nullopt);
  struct stat found{};
  REQUIRE(::stat(file.c_str(), &found) == 0);
  CHECK((found.st_mode & 0777) == 0600);
}

TEST_CASE("an account and approvals are remembered; those that have expired go", "[key_book]") {
  const scratch_folder folder;
  auto book = key_book::open(folder / "book.json").value();
  CHECK(book.account_of("https://ca.test/dir") == kept_account{"https://ca.test/dir", false, ""});
  REQUIRE(book.remember({"https://ca.test/dir", false, "https://ca.test/acct/1"}).has_value());
  CHECK(book.approve({0, "retire", "a.test", {"01"}, at(100)}, at(10)).value() == 1);
  CHECK(book.approve({0, "new-kid", "@account", {}, at(200)}, at(150)).value() == 2);
  const auto again = key_book::open(folder / "book.json").value();
  CHECK(again.account_of("https://ca.test/dir").kid == "https://ca.test/acct/1");
  REQUIRE(again.approvals().size() == 1);
  CHECK(again.approvals().front().number == 2);
  REQUIRE(book.finish(2).has_value());
  CHECK(book.approvals().empty());
}

TEST_CASE("what cannot be written down has not happened, and a book that is damaged is not begun anew", "[key_book]") {
  const scratch_folder folder;
  auto book = key_book::open(folder / "no" / "book.json").value();
  CHECK_FALSE(book.begin(key("a.test", "01")).has_value());
  CHECK(book.keys().empty());
  const auto file = folder / "book.json";
  std::ofstream{file} << "{\"keys\":[{\"name\":\"a\"}]}";
  const auto damaged = key_book::open(file);
  REQUIRE_FALSE(damaged.has_value());
  CHECK(damaged.error().code == condition::operator_needed);
  CHECK_THAT(damaged.error().what, Catch::Contains("book.json") && Catch::Contains("backup"));
}

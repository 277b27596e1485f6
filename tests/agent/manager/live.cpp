#include "agent/manager/live.hpp"

#include "agent/scratch.hpp"

#include <atomic>
#include <thread>

using namespace sealring;
using namespace sealring::test;
using agent::check_publishable;
using agent::publish;
using Catch::Contains;
namespace fs = std::filesystem;

namespace {

agent::live_files files(const std::string& mark) { return {"cert " + mark, "chain", "full " + mark, "key " + mark}; }

std::ptrdiff_t entries(const fs::path& folder) { return std::distance(fs::directory_iterator(folder), {}); }

}  // namespace

TEST_CASE("a set of files is published and replaced", "[live]") {
  const scratch_folder folder;
  const auto live = folder / "live";
  const auto here = publish(live, "example.com", "01", files("1"));
  REQUIRE(outcome(here) == "");
  CHECK(*here == live / "example.com");
  CHECK(slurp(*here / "cert.pem") == "cert 1");
  CHECK(slurp(*here / "chain.pem") == "chain");
  CHECK(slurp(*here / "fullchain.pem") == "full 1");
  CHECK(slurp(*here / "privkey.pem") == "key 1");
  CHECK(mode_of(*here / "privkey.pem") == 0640);
  CHECK(mode_of(*here / "fullchain.pem") == 0644);
  CHECK(mode_of(*here) == 0755);
  CHECK(fs::read_symlink(*here) == "../archive/example.com/01");

  REQUIRE(outcome(publish(live, "example.com", "02", files("2"))) == "");
  CHECK(slurp(*here / "cert.pem") == "cert 2");
  CHECK(slurp(folder / "archive/example.com/01/cert.pem") == "cert 1");
  REQUIRE(outcome(publish(live, "example.com", "03", files("3"))) == "");
  CHECK(slurp(*here / "cert.pem") == "cert 3");
  CHECK(fs::exists(folder / "archive/example.com/02"));
  CHECK(entries(folder / "archive/example.com") == 2);
  CHECK(entries(live) == 1);

  INFO("the same again changes nothing; the same serial with another reference does");
  REQUIRE(outcome(publish(live, "example.com", "03", files("3"))) == "");
  CHECK(fs::exists(folder / "archive/example.com/02"));
  REQUIRE(outcome(publish(live, "example.com", "03", files("3b"))) == "");
  CHECK(slurp(*here / "privkey.pem") == "key 3b");
  CHECK(fs::read_symlink(*here) == "../archive/example.com/03-2");

  INFO("the folder can be moved");
  fs::create_directory(folder / "elsewhere");
  fs::rename(live, folder / "elsewhere/live");
  fs::rename(folder / "archive", folder / "elsewhere/archive");
  CHECK(slurp(folder / "elsewhere/live/example.com/privkey.pem") == "key 3b");
}

TEST_CASE("a generation is rolled back once, and published again", "[live]") {
  const scratch_folder folder;
  const auto live = folder / "live";
  const auto cert = [&] { return slurp(live / "n/cert.pem"); };
  CHECK_FALSE(agent::roll_back(live, "n").value());
  REQUIRE(outcome(publish(live, "n", "01", files("1"))) == "");
  CHECK_FALSE(agent::roll_back(live, "n").value());
  REQUIRE(outcome(publish(live, "n", "02", files("2"))) == "");
  REQUIRE(outcome(publish(live, "n", "03", files("3"))) == "");
  CHECK(agent::shows(live, "n", "03"));
  CHECK(agent::roll_back(live, "n").value() == "03");
  CHECK(cert() == "cert 2");
  CHECK(agent::shows(live, "n", "02"));
  CHECK_FALSE(agent::shows(live, "n", "03"));
  CHECK_FALSE(agent::shows(live, "n", "0"));
  CHECK_FALSE(agent::shows(live, "none", "02"));
  CHECK_FALSE(agent::roll_back(live, "n").value());  // only one is kept
  CHECK(cert() == "cert 2");

  INFO("what was rolled back is still there");
  REQUIRE(outcome(agent::point_at(live, "n", "03")) == "");
  CHECK(cert() == "cert 3");
  CHECK(agent::roll_back(live, "n").value() == "03");

  INFO("and goes with the next");
  REQUIRE(outcome(publish(live, "n", "04", files("4"))) == "");
  CHECK_THAT(outcome(agent::point_at(live, "n", "03")), Contains("there is no"));
  CHECK(cert() == "cert 4");
  CHECK(agent::roll_back(live, "n").value() == "04");
  CHECK(cert() == "cert 2");
  CHECK(entries(folder / "archive/n") == 2);
  INFO("whose files somebody has deleted shows nothing");
  fs::remove(folder / "archive/n/02/cert.pem");
  CHECK_FALSE(agent::shows(live, "n", "02"));
  CHECK(agent::roll_back(live, "../n").error().code == condition::bad_input);
  CHECK(agent::point_at(live, "n", "../n/04").error().code == condition::bad_input);
}

TEST_CASE("leftovers of a killed run are swept away", "[live]") {
  const scratch_folder folder;
  fs::create_directories(folder / "live");
  fs::create_directories(folder / "archive/n/.abcdef");
  fs::create_symlink("nowhere", folder / "live/.n.next");
  REQUIRE(outcome(publish(folder / "live", "n", "01", files("1"))) == "");
  CHECK(entries(folder / "archive/n") == 1);
  CHECK(entries(folder / "live") == 1);
}

TEST_CASE("what is not ours is not touched", "[live]") {
  const scratch_folder folder;
  const auto live = folder / "live";
  spill(live / "plain/privkey.pem", "theirs");
  fs::create_symlink("/etc", live / "foreign");
  spill(live / "file", "theirs");
  for (const auto* name : {"plain", "foreign", "file"}) {
    const auto refused = publish(live, name, "01", files("1"));
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == condition::operator_needed);
    CHECK_THAT(refused.error().what, Contains("is not a link that sealring made; move it away"));
  }
  CHECK(slurp(live / "plain/privkey.pem") == "theirs");
  CHECK_FALSE(fs::exists(folder / "archive"));
}

TEST_CASE("names that lead elsewhere are refused", "[live]") {
  const scratch_folder folder;
  for (const auto* name : {"", ".", "..", ".hidden", "a/b", "/etc"}) {
    CHECK(publish(folder / "live", name, "01", files("1")).error().code == condition::bad_input);
    CHECK(publish(folder / "live", "n", name, files("1")).error().code == condition::bad_input);
  }
}

TEST_CASE("folders that cannot be made say why", "[live]") {
  const scratch_folder folder;
  spill(folder / "file", "");
  CHECK_THAT(outcome(publish(folder / "file/live", "n", "01", files("1"))), Contains("Not a directory"));
  ::chmod(folder.path.c_str(), 0755);
  CHECK_THAT(as_nobody([&] { return outcome(publish(folder / "live", "n", "01", files("1"))); }),
             Contains("Permission denied"));
}

TEST_CASE("what is 0640 is the group's; one that does not exist is found out before", "[live]") {
  const scratch_folder folder;
  const auto live = folder / "live";
  CHECK_THAT(outcome(check_publishable(live, "n", "no-such-group")), Contains("no-such-group"));
  CHECK_THAT(outcome(publish(live, "n", "01", files("1"), "no-such-group")), Contains("no-such-group"));
  const std::string own = std::to_string(::getegid());
  REQUIRE(outcome(check_publishable(live, "n", own)) == "");
  REQUIRE(outcome(publish(live, "n", "01", files("1"), own)) == "");
  struct stat status{};
  for (const auto* file : {"privkey.pem", "combined.pem"}) {
    REQUIRE(::stat((live / "n" / file).c_str(), &status) == 0);
    CHECK(status.st_gid == ::getegid());
    CHECK((status.st_mode & 0777) == 0640);
  }
}

TEST_CASE("a reader never sees two generations mixed", "[live]") {
  const scratch_folder folder;
  const auto live = folder / "live";
  REQUIRE(outcome(publish(live, "n", "0", files("0"))) == "");
  std::atomic<bool> done = false;
  std::atomic<int> reads = 0;
  std::atomic<int> mixed = 0;
  std::atomic<int> missing = 0;
  std::thread reader([&] {
    while (!done) {
      // As a server does that opens the folder once.
      const auto generation = fs::canonical(live / "n");
      const auto cert = slurp(generation / "cert.pem");
      const auto key = slurp(generation / "privkey.pem");
      if (cert.empty() || key.empty()) ++missing;
      else if (cert.substr(5) != key.substr(4)) ++mixed;
      ++reads;
    }
  });
  for (int i = 1; i <= 50; ++i) {
    REQUIRE(outcome(publish(live, "n", std::to_string(i), files(std::to_string(i)))) == "");
    // A slow reader may be one generation behind, not two: wait for a read that began after this one was there.
    for (const int before = reads; reads < before + 2;) std::this_thread::yield();
  }
  done = true;
  reader.join();
  CHECK(mixed == 0);
  CHECK(missing == 0);
}

#include "agent/file.hpp"

#include "agent/scratch.hpp"

#include <fcntl.h>
#include <sys/stat.h>

using namespace sealring;
using namespace sealring::test;
using namespace std::chrono_literals;
using Catch::Contains;

TEST_CASE("a file is written whole, with its mode", "[file]") {
  const scratch_folder folder;
  const auto path = folder / "f";
  const mode_t before = ::umask(077);
  REQUIRE(outcome(agent::write_file(path, "one", 0644)) == "");
  ::umask(before);
  CHECK(slurp(path) == "one");
  CHECK(mode_of(path) == 0644);
  REQUIRE(outcome(agent::write_file(path, std::string(1 << 20, 'x'), 0600)) == "");
  CHECK(slurp(path).size() == 1 << 20);
  CHECK(mode_of(path) == 0600);

  const auto refused = agent::write_file(path, "two", 0644, agent::if_exists::refuse);
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == condition::operator_needed);
  REQUIRE(outcome(agent::write_file(folder / "new", "two", 0640, agent::if_exists::refuse)) == "");
  CHECK(slurp(folder / "new") == "two");
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path), {}) == 2);  // no temporary file is left
}

TEST_CASE("a file that cannot be written says why and leaves nothing", "[file]") {
  const scratch_folder folder;
  CHECK_THAT(outcome(agent::write_file(folder / "none/f", "", 0644)), Contains("/none/f\": No such file or directory"));
  spill(folder / "f", "old");
  CHECK_THAT(outcome(agent::write_file(folder / "f/g", "", 0644)), Contains("Not a directory"));
  std::filesystem::create_directories(folder / "d/inner");
  CHECK_THAT(outcome(agent::write_file(folder / "d", "", 0644)), Contains("Is a directory"));
  CHECK_THAT(as_nobody([&] { return outcome(agent::write_file(folder / "f", "new", 0644)); }), Contains("Permission denied"));
  CHECK_THAT(outcome(agent::write_file("/dev/full/f", "", 0644)), Contains("Not a directory"));
  CHECK(slurp(folder / "f") == "old");
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path), {}) == 2);
}

TEST_CASE("a file is read whole, up to a limit", "[file]") {
  const scratch_folder folder;
  spill(folder / "f", std::string("a\0b", 3));
  CHECK(agent::read_file(folder / "f").value() == std::string("a\0b", 3));
  CHECK(outcome(agent::read_file(folder / "f", 3)) == "");
  CHECK(agent::read_file(folder / "f", 2).error().code == condition::bad_input);
  CHECK_THAT(outcome(agent::read_file(folder / "g")), Contains("No such file"));
  CHECK_THAT(outcome(agent::read_file(folder.path)), Contains("not a regular file"));
  REQUIRE(::mkfifo((folder / "fifo").c_str(), 0600) == 0);
  CHECK_THAT(outcome(agent::read_file(folder / "fifo")), Contains("not a regular file"));
  CHECK_THAT(outcome(agent::read_file("/dev/zero")), Contains("not a regular file"));
  ::chmod((folder / "f").c_str(), 0600);
  ::chmod(folder.path.c_str(), 0755);
  if (::geteuid() == 0) {
    CHECK_THAT(as_nobody([&] { return outcome(agent::read_file(folder / "f")); }), Contains("Permission denied"));
  }
}

TEST_CASE("folders are made with those above them", "[file]") {
  const scratch_folder folder;
  CHECK(outcome(agent::make_folders(folder / "a/b/c", 0700)) == "");
  CHECK(outcome(agent::make_folders(folder / "a/b/c")) == "");
  CHECK(outcome(agent::make_folders(folder / "a/d/")) == "");
  CHECK(mode_of(folder / "a/b") == 0700);
  spill(folder / "f", "");
  CHECK_THAT(outcome(agent::make_folders(folder / "f")), Contains("Not a directory"));
  CHECK_THAT(outcome(agent::make_folders(folder / "f/g")), Contains("Not a directory"));
  CHECK_THAT(outcome(agent::make_folders("/proc/sealring/x")), Contains("cannot make the folder"));
}

TEST_CASE("a lock is held by one at a time", "[file]") {
  const scratch_folder folder;
  const auto path = folder / "lock";
  {
    auto first = agent::file_lock::take(path, 0ms);
    REQUIRE(outcome(first) == "");
    const auto start = std::chrono::steady_clock::now();
    const auto second = agent::file_lock::take(path, 100ms);
    REQUIRE(second.has_error());
    CHECK(std::chrono::steady_clock::now() - start >= 100ms);
    CHECK(second.error().code == condition::retry_later);
    CHECK_THAT(second.error().what, Contains("process " + std::to_string(::getpid()) + " is at work"));

    agent::file_lock moved = std::move(*first);
    CHECK(agent::file_lock::take(path, 0ms).has_error());
  }
  CHECK(outcome(agent::file_lock::take(path, 0ms)) == "");
  CHECK_THAT(outcome(agent::file_lock::take(folder / "none/lock", 0ms)), Contains("cannot open the lock file"));
  std::filesystem::create_symlink("/etc/passwd", folder / "link");
  CHECK_THAT(outcome(agent::file_lock::take(folder / "link", 0ms)), Contains("symbolic links"));
}

TEST_CASE("a lock goes with its process, however that ends", "[file]") {
  const scratch_folder folder;
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto lock = agent::file_lock::take(folder / "lock", 0ms);
    const auto written = ::write(ready[1], "x", 1);
    while (written == 1) ::pause();
    ::_exit(1);
  }
  char byte = 0;
  REQUIRE(::read(ready[0], &byte, 1) == 1);
  CHECK_THAT(outcome(agent::file_lock::take(folder / "lock", 0ms)), Contains("process " + std::to_string(child)));
  ::kill(child, SIGKILL);
  CHECK(outcome(agent::file_lock::take(folder / "lock", 5s)) == "");
  ::waitpid(child, nullptr, 0);
  ::close(ready[0]);
  ::close(ready[1]);
}

#include "agent/keeper/operator_files.hpp"

#include "../scratch.hpp"
#include "catch.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

using namespace sealring;
using namespace sealring::agent;
using sealring::test::scratch_folder;
namespace fs = std::filesystem;

namespace {

void write(const fs::path& file, const std::string& text, mode_t mode = 0644) {
  fs::create_directories(file.parent_path());
  std::ofstream{file} << text;
  ::chmod(file.c_str(), mode);
}

constexpr const char* settings = R"(
[hsm]
module = "/usr/lib/m.so"
token = "t"
[ca]
directory = "https://ca.test/dir"
)";
constexpr const char* entry = "[[certificate]]\nname = \"a.test\"\ndomains = [\"a.test\"]\n";

}  // namespace

TEST_CASE("the operator's files are believed where nobody else can have written them", "[operator_files]") {
  const scratch_folder folder;
  const fs::path file = folder / "sealring.toml";
  const fs::path more = folder / "conf.d" / "a.test.toml";
  write(file, settings);
  write(more, entry);
  ::chmod(more.parent_path().c_str(), 0755);
  const auto read = [&] { return load_trusted(file, ::geteuid()); };
  REQUIRE(read().has_value());
  CHECK(read()->certificates.size() == 1);

  const auto refused = [&](const std::string& why) {
    const auto got = read();
    REQUIRE_FALSE(got.has_value());
    CHECK(got.error().code == condition::operator_needed);
    CHECK_THAT(got.error().what, Catch::Contains(why));
  };
  SECTION("the file may be written by the group") {
    ::chmod(file.c_str(), 0664);
    refused("chmod go-w");
  }
  SECTION("an entry may be written by anybody") {
    ::chmod(more.c_str(), 0646);
    refused("a.test.toml");
  }
  SECTION("anybody may put an entry there") {
    ::chmod(more.parent_path().c_str(), 0777);
    refused("conf.d");
  }
  SECTION("anybody may put another file there") {
    ::chmod(file.parent_path().c_str(), 0777);
    refused("others may write it");
    ::chmod(file.parent_path().c_str(), 01777);  // to be sticky is enough: it stays ours
    CHECK(read().has_value());
  }
  SECTION("the file is a symbolic link") {
    fs::rename(file, folder / "elsewhere");
    fs::create_symlink(folder / "elsewhere", file);
    refused("symbolic link");
  }
  SECTION("an entry is a symbolic link") {
    fs::rename(more, folder / "elsewhere");
    fs::create_symlink(folder / "elsewhere", more);
    refused("symbolic link");
  }
  SECTION("the file is another user's") {
    if (::geteuid() != 0) return;  // only root can give files away
    REQUIRE(::chown(file.c_str(), 12345, 12345) == 0);
    refused("uid 12345");
  }
}

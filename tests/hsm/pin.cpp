#include "hsm/pin.hpp"
#include "fixture.hpp"

using namespace sealring;
using namespace sealring::test;

#ifndef __has_feature
#define __has_feature(x) 0
#endif

namespace {

// The sanitizers make mlock do nothing: it would pull in all of their own memory.
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || defined(__SANITIZE_ADDRESS__) || \
    defined(__SANITIZE_THREAD__)
constexpr bool mlock_works = false;
#else
constexpr bool mlock_works = true;
#endif

const scratch_folder& folder() {
  static const scratch_folder it;
  return it;
}

fs::path file(const std::string& content, mode_t mode = 0400) {
  const auto path = folder() / "pin";
  fs::remove_all(path);
  std::ofstream{path, std::ios::binary} << content;
  ::chmod(path.c_str(), mode);
  return path;
}

std::string read(const fs::path& path) {
  const auto p = hsm::pin::from_file(path);
  INFO(message_of(p));
  REQUIRE(p);
  return std::string{as_text(p->view())};
}

hsm::failure refusal(const fs::path& path) {
  const auto p = hsm::pin::from_file(path);
  REQUIRE(!p);
  CHECK(p.error().message().find(path.string()) != std::string::npos);
  return p.error();
}

}  // namespace

TEST_CASE("one newline at the end is not part of the PIN", "[pin]") {
  CHECK(read(file("1234")) == "1234");
  CHECK(read(file("1234\n")) == "1234");
  CHECK(read(file("1234\n\n")) == "1234\n");
  CHECK(read(file(" user:pass word ")) == " user:pass word ");
  CHECK(read(file(std::string(32, 'x'))) == std::string(32, 'x'));
  CHECK(read(file(std::string(255, 'x') + '\n')) == std::string(255, 'x'));
}

TEST_CASE("what is no PIN is refused", "[pin]") {
  CHECK(refusal(file("")) == hsm::trouble::pin_malformed);
  CHECK(refusal(file("\n")) == hsm::trouble::pin_malformed);
  CHECK(refusal(file(std::string(256, 'x'))) == hsm::trouble::pin_malformed);
  CHECK(refusal(file(std::string(100'000, 'x'))) == hsm::trouble::pin_malformed);
}

TEST_CASE("a PIN file that others may read is refused, and the message says what to do", "[pin]") {
  for (const mode_t mode : {0440U, 0404U, 0460U, 0402U, 0644U}) {
    const auto path = file("1234", mode);
    const auto why = refusal(path);
    CHECK(why == hsm::trouble::pin_exposed);
    CHECK(why.message().find("chmod 400 " + path.string()) != std::string::npos);
  }
  CHECK(read(file("1234", 0600)) == "1234");
}

TEST_CASE("only a regular file of one's own is a PIN file", "[pin]") {
  CHECK(refusal(folder() / "none") == hsm::trouble::pin_unavailable);
  CHECK(refusal(folder().path) == hsm::trouble::pin_unavailable);
  fs::remove(folder() / "link");
  fs::create_symlink(file("1234"), folder() / "link");
  CHECK(refusal(folder() / "link") == hsm::trouble::pin_exposed);
  fs::remove(folder() / "fifo");
  REQUIRE(::mkfifo((folder() / "fifo").c_str(), 0400) == 0);
  CHECK(refusal(folder() / "fifo") == hsm::trouble::pin_unavailable);
  if (::geteuid() == 0) {
    const auto foreign = file("1234");
    REQUIRE(::chown(foreign.c_str(), 65534, 65534) == 0);
    CHECK(refusal(foreign) == hsm::trouble::pin_exposed);
  }
}

TEST_CASE("a systemd credential is a PIN, too", "[pin]") {
  ::unsetenv("CREDENTIALS_DIRECTORY");
  CHECK(!hsm::pin::has_credential());
  CHECK(!hsm::pin::from_credential());
  ::setenv("CREDENTIALS_DIRECTORY", folder().path.c_str(), 1);
  file("1234\n", 0440);  // the access list that lets the service's user in shows up as the group's bits
  CHECK(hsm::pin::has_credential());
  CHECK(as_text(hsm::pin::from_credential().value().view()) == "1234");
  file("1234\n", 0444);
  CHECK(!hsm::pin::from_credential());
  ::unsetenv("CREDENTIALS_DIRECTORY");
}

TEST_CASE("the PIN's memory is locked and left out of core dumps", "[pin]") {
  const auto p = pin_of("1234");
  const auto address = reinterpret_cast<std::uintptr_t>(p.view().data());
  std::ifstream maps{"/proc/self/smaps"};
  std::string line;
  bool here = false;
  std::string flags;
  while (std::getline(maps, line)) {
    std::uintptr_t begin = 0, end = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx ", &begin, &end) == 2) here = begin <= address && address < end;
    if (here && line.starts_with("VmFlags:")) flags = line + ' ';
  }
  if (mlock_works) CHECK(flags.find(" lo ") != std::string::npos);
  CHECK(flags.find(" dd ") != std::string::npos);
  CHECK(flags.find(" wf ") != std::string::npos);
}

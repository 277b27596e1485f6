#include "hsm/pin_mark.hpp"
#include "fixture.hpp"

using namespace sealring;
using namespace sealring::test;

namespace {

struct record {
  scratch_folder state;
  hsm::result<hsm::pin_mark> before(const std::string& text, const std::string& token = "maker/model/1") {
    return hsm::pin_mark::before_login(state.path, token, pin_of(text));
  }
  fs::path file() const { return hsm::pin_mark::file_of(state.path, "maker/model/1"); }
  std::string content() const {
    std::ifstream in{file()};
    return {std::istreambuf_iterator<char>{in}, {}};
  }
};

bool fails(const auto& r, hsm::trouble why) {
  INFO(message_of(r));
  return !r && r.error() == why;
}

}  // namespace

TEST_CASE("a PIN that was refused is never tried again", "[pin_mark]") {
  record r;
  REQUIRE(r.before("a").value().refused());
  CHECK(fails(r.before("a"), hsm::trouble::pin_refused));
  CHECK(r.before("a", "maker/model/2"));  // another token
  REQUIRE(r.before("b").value().refused());
  CHECK(fails(r.before("a"), hsm::trouble::pin_refused));
  CHECK(fails(r.before("b"), hsm::trouble::pin_refused));
  REQUIRE(r.before("c").value().accepted());
  CHECK(fails(r.before("a"), hsm::trouble::pin_refused));
  REQUIRE(r.before("c").value().accepted());
}

TEST_CASE("another's record is looked at and not touched", "[pin_mark]") {
  record r;
  const auto may = [&r](const std::string& text) {
    return hsm::pin_mark::may_try(r.state.path, "maker/model/1", pin_of(text));
  };
  CHECK(may("a"));
  CHECK(!fs::exists(r.file()));
  REQUIRE(r.before("a").value().refused());
  CHECK(r.before("b"));
  const auto before = r.content();
  CHECK(fails(may("a"), hsm::trouble::pin_refused));
  CHECK(may("b"));
  CHECK(may("c"));
  CHECK(r.content() == before);
  CHECK(r.before("b"));
  CHECK(fails(may("b"), hsm::trouble::pin_unfinished));
}

TEST_CASE("a try that never ended is repeated once", "[pin_mark]") {
  record r;
  CHECK(r.before("a"));
  CHECK(r.content().find("trying 1 ") != std::string::npos);
  CHECK(r.before("a"));
  CHECK(fails(r.before("a"), hsm::trouble::pin_unfinished));
  CHECK(fails(r.before("a"), hsm::trouble::pin_unfinished));
  CHECK(r.before("b").value().accepted());  // another PIN has its own tries
  CHECK(fails(r.before("a"), hsm::trouble::pin_unfinished));
  REQUIRE(hsm::pin_mark::forget(r.state.path, "maker/model/1"));
  CHECK(r.before("a"));
}

TEST_CASE("a second try may still succeed, and then all is well", "[pin_mark]") {
  record r;
  CHECK(r.before("a"));
  CHECK(r.before("a").value().accepted());
  CHECK(r.before("a").value().accepted());
  CHECK(r.content().find("trying") == std::string::npos);
}

TEST_CASE("a token that did not look at the PIN costs no try", "[pin_mark]") {
  record r;
  for (int i = 0; i != 5; ++i) CHECK(r.before("a").value().not_tried());
  CHECK(r.before("a"));
  CHECK(r.before("a").value().not_tried());
  CHECK(r.before("a"));
  CHECK(fails(r.before("a"), hsm::trouble::pin_unfinished));
}

TEST_CASE("the record is its owner's alone and does not hold the PIN", "[pin_mark]") {
  record r;
  REQUIRE(r.before("very-secret").value().refused());
  struct stat found{};
  REQUIRE(::stat(r.file().c_str(), &found) == 0);
  CHECK((found.st_mode & 07777) == 0600);
  CHECK(r.content().find("very-secret") == std::string::npos);
  record other;
  REQUIRE(other.before("very-secret").value().refused());
  CHECK(r.content() != other.content());  // salted
}

TEST_CASE("without a record no PIN is tried", "[pin_mark]") {
  record r;
  CHECK(fails(hsm::pin_mark::before_login(r.state / "missing", "t", pin_of("a")), hsm::trouble::mark_unusable));
  REQUIRE(r.before("a").value().refused());
  for (const auto* damage : {"", "nonsense", "sealring PIN tries 1\n", "sealring PIN tries 1\nsalt 12\n",
                             "sealring PIN tries 1\nsalt 00112233445566778899aabbccddeeff\ntrying 3 aa\n"}) {
    std::ofstream{r.file()} << damage;
    INFO(damage);
    CHECK(fails(r.before("a"), hsm::trouble::mark_unusable));
  }
  fs::remove(r.file());
  fs::create_symlink("/dev/null", r.file());
  CHECK(fails(r.before("a"), hsm::trouble::mark_unusable));
}

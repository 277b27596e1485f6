#include "agent/manager/solver/webroot.hpp"

#include "agent/scratch.hpp"

using namespace sealring;
using namespace sealring::agent;
using namespace sealring::test;
using Catch::Contains;
namespace fs = std::filesystem;

TEST_CASE("a file is put and taken away, with the folders that it needed", "[webroot]") {
  const scratch_folder root;
  const auto before = ::umask(077);
  const auto made = put_in_webroot(root.path, "token-1_A", "token-1_A.thumbprint");
  ::umask(before);
  REQUIRE(outcome(made) == "");
  const auto file = root / ".well-known/acme-challenge/token-1_A";
  CHECK(slurp(file) == "token-1_A.thumbprint");
  CHECK(mode_of(file) == 0644);
  CHECK(mode_of(root / ".well-known/acme-challenge") == 0755);
  CHECK(outcome(put_in_webroot(root.path, "token-1_A", "token-1_A.thumbprint")) == "");
  CHECK(take_from_webroot(root.path, "token-1_A", "token-1_A.thumbprint", *made));
  CHECK(fs::is_empty(root.path));
  CHECK(take_from_webroot(root.path, "token-1_A", "token-1_A.thumbprint", *made));
}

TEST_CASE("what is not ours stays", "[webroot]") {
  const scratch_folder root;
  const auto folder = root / ".well-known/acme-challenge";
  spill(folder / "other", "other");
  const auto made = put_in_webroot(root.path, "t", "t.k");
  REQUIRE(outcome(made) == "");
  CHECK_FALSE((made->well_known || made->acme_challenge));
  spill(folder / "u", "somebody else's");
  CHECK_THAT(outcome(put_in_webroot(root.path, "u", "u.k")), Contains("is not of sealring"));
  CHECK(take_from_webroot(root.path, "u", "u.k", {}));
  CHECK(take_from_webroot(root.path, "t", "t.k", {true, true}));
  CHECK_FALSE(fs::exists(folder / "t"));
  CHECK(slurp(folder / "u") == "somebody else's");
}

TEST_CASE("what a killed run has left half is written anew", "[webroot]") {
  const scratch_folder root;
  spill(root / ".well-known/acme-challenge/t", "t.");
  CHECK(outcome(put_in_webroot(root.path, "t", "t.thumbprint")) == "");
  CHECK(slurp(root / ".well-known/acme-challenge/t") == "t.thumbprint");
}

TEST_CASE("tokens that are paths are refused", "[webroot]") {
  const scratch_folder root;
  for (const std::string& token :
       std::vector<std::string>{"", ".", "..", "../t", "a/b", "a.b", "a b", "a+b", "t\n", "ä", std::string(256, 'a')}) {
    CAPTURE(token);
    CHECK_FALSE(is_token(token));
    CHECK_THAT(outcome(put_in_webroot(root.path, token, "x")), Contains("is not base64url"));
  }
  CHECK(fs::is_empty(root.path));
}

TEST_CASE("no link below the web root is followed", "[webroot]") {
  const scratch_folder root, outside;
  SECTION("the outer folder") { fs::create_symlink(outside.path, root / ".well-known"); }
  SECTION("the inner folder") {
    fs::create_directory(root / ".well-known");
    fs::create_symlink(outside.path, root / ".well-known/acme-challenge");
  }
  SECTION("the file") {
    fs::create_directories(root / ".well-known/acme-challenge");
    fs::create_symlink(outside / "t", root / ".well-known/acme-challenge/t");
  }
  CHECK(outcome(put_in_webroot(root.path, "t", "t.k")) != "");
  CHECK(fs::is_empty(outside.path));
  spill(outside / "t", "t.k");
  CHECK(take_from_webroot(root.path, "t", "t.k", {true, true}));
  CHECK(slurp(outside / "t") == "t.k");
}

TEST_CASE("the web root itself may be a link, and must be there", "[webroot]") {
  const scratch_folder root;
  fs::create_directory(root / "real");
  fs::create_directory_symlink(root / "real", root / "link");
  CHECK(outcome(put_in_webroot(root / "link", "t", "t.k")) == "");
  CHECK(fs::exists(root / "real/.well-known/acme-challenge/t"));
  CHECK_THAT(outcome(put_in_webroot(root / "none", "t", "t.k")), Contains("\"webroot\" of [http-01]"));
}

#include "sealring/acme/problem.hpp"

#include "unit/acme/scripted_ca.hpp"

namespace sealring::test {

namespace {

std::string portal(const std::string& type, const std::string& detail, const std::string& instance = {}) {
  return acme::portal_url({"urn:ietf:params:acme:error:" + type, detail, 403, instance, {}});
}

}  // namespace

TEST_CASE("problem: the page that a person must go to is what userActionRequired names", "[problem]") {
  CHECK(portal("userActionRequired", "see https://ca/other", "https://ca/terms/2") == "https://ca/terms/2");
  CHECK(portal("userActionRequired", "see https://ca/other").empty());
  CHECK(portal("unauthorized", "see https://ca/other", "https://ca/terms/2").empty());
}

TEST_CASE("problem: or the first https URL that rateLimited speaks of", "[problem]") {
  CHECK(portal("rateLimited", "Your account is paused. Please visit: https://portal.example/unpause?jwt=a.b-c_d") ==
        "https://portal.example/unpause?jwt=a.b-c_d");
  CHECK(portal("rateLimited", "paused (see https://portal.example/x). Or https://portal.example/y") ==
        "https://portal.example/x");
  CHECK(portal("rateLimited", "paused: <https://portal.example/x>\n") == "https://portal.example/x");
  CHECK(portal("rateLimited", "see https://portal.example/\x1b[31m") == "https://portal.example/");
  CHECK(portal("rateLimited", "see http://portal.example/").empty());
  CHECK(portal("rateLimited", "come back later").empty());
}

}  // namespace sealring::test

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

TEST_CASE("problem: the example of RFC 8555 section 6.7.1, read and written back", "[problem]") {
  const std::string sent = R"({
    "type": "urn:ietf:params:acme:error:malformed",
    "detail": "Some of the identifiers requested were rejected",
    "subproblems": [
        {
            "type": "urn:ietf:params:acme:error:malformed",
            "detail": "Invalid underscore in DNS name \"_example.org\"",
            "identifier": {
                "type": "dns",
                "value": "_example.org"
            }
        },
        {
            "type": "urn:ietf:params:acme:error:rejectedIdentifier",
            "detail": "This CA will not issue for \"example.net\"",
            "identifier": {
                "type": "dns",
                "value": "example.net"
            }
        }
    ]
  })";
  const auto object = acme::parse_object(sent).value();
  acme::problem p = acme::to_problem(object, 403);
  CHECK(p.is("malformed"));
  CHECK(p.status == 403);
  REQUIRE(p.subproblems.size() == 2);
  CHECK(p.subproblems[0].identifier == "_example.org");
  CHECK(p.subproblems[0].identifier_type == "dns");
  CHECK(p.subproblems[1].type == "urn:ietf:params:acme:error:rejectedIdentifier");
  CHECK(acme::json::serialize(to_json(p)) == acme::json::serialize(object));
  p.subproblems.pop_back();
  CHECK(to_json(p).at("subproblems").as_array().size() == 1);
  CHECK(to_json(p).at("subproblems").as_array()[0] == object.at("subproblems").as_array()[0]);
}

TEST_CASE("problem: a failure is one line that can be printed, and the document is as it was sent", "[problem]") {
  const acme::problem p{"urn:x", "a\x1b[31mb\nc\x7f\xc2\x9b\xc3\x9c", 400, {}, {}};
  const auto f = acme::refused("https://ca/1", p);
  CHECK(f.what == "https://ca/1: a [31mb c   \xc3\x9c (urn:x)");
  CHECK(f.problem->detail == p.detail);
}

TEST_CASE("problem: what it has beside its members stays", "[problem]") {
  const std::string sent = R"({"type":"about:blank","title":"Forbidden","status":403,"balance":30,"subproblems":[7,
      {"type":"urn:x","detail":"y","identifier":{"type":"email","value":"a@b","more":1},"odd":null},{"identifier":{}}]})";
  const auto object = acme::parse_object(sent).value();
  const acme::problem p = acme::to_problem(object);
  CHECK(p.title == "Forbidden");
  CHECK(p.subproblems.at(0).identifier_type == "email");
  CHECK(acme::json::serialize(to_json(p)) == acme::json::serialize(object));
  CHECK(to_json(acme::problem{"urn:x", "y", 400, "https://ca/1", {{"urn:z", "d", "a.test", "dns"}}}) ==
        acme::parse_object(R"({"type":"urn:x","detail":"y","instance":"https://ca/1","subproblems":[
            {"type":"urn:z","detail":"d","identifier":{"type":"dns","value":"a.test"}}]})")
            .value());
}

}  // namespace sealring::test

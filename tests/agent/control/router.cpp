#include "agent/control/router.hpp"

#include "agent/control/members.hpp"
#include "agent/scratch.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

using namespace sealring;
using namespace sealring::agent::control;
using Catch::Contains;
using sealring::test::outcome;

namespace {

router three_routes() {
  router out;
  const auto nothing = [](const request&) { return answer(json::value()); };
  out.add({"GET", "/v1/certificates", {"after"}, nothing});
  out.add({"GET", "/v1/certificates/{name}", {}, nothing});
  out.add({"POST", "/v1/certificates/{name}/revoke", {"reason", "replace"}, nothing});
  return out;
}

// The path of the route that is found, else the problem.
std::string found(const router& all, request& asked) {
  const auto found = all.find(asked);
  return found ? (*found)->path : json::serialize(found.error().body);
}

std::string checked(request asked) {
  const auto all = three_routes();
  return outcome(check_taken(**all.find(asked), asked));
}

}  // namespace

TEST_CASE("a path finds its route and fills in its places", "[router]") {
  const auto all = three_routes();
  request one{"POST", "/v1/certificates/a.test/revoke"};
  CHECK(found(all, one) == "/v1/certificates/{name}/revoke");
  CHECK(one.places.at("name") == "a.test");
  request two{"GET", "/v1/certificates"};
  CHECK(found(all, two) == "/v1/certificates");
  CHECK(two.places.empty());
  request three{"GET", "/v1/certificates/revoke"};
  CHECK(found(all, three) == "/v1/certificates/{name}");
}

TEST_CASE("what is not there is told with what is", "[router]") {
  const auto all = three_routes();
  for (const auto* path : {"", "/", "v1/certificates", "/v1/certificates/", "/v1//certificates", "/v1/certificates/a/b",
                           "/v1/certificates//revoke", "/v1/certificates/a/revoke/", "/V1/certificates", "*"}) {
    CAPTURE(path);
    request asked{"GET", path};
    const auto none = all.find(asked);
    REQUIRE(none.has_error());
    CHECK(none.error().status == 404);
    CHECK_THAT(json::serialize(none.error().body), Contains("\"POST /v1/certificates/{name}/revoke\""));
  }
}

TEST_CASE("another method is refused with those there are", "[router]") {
  const auto all = three_routes();
  request asked{"DELETE", "/v1/certificates/a.test/revoke"};
  const auto none = all.find(asked);
  REQUIRE(none.has_error());
  CHECK(none.error().status == 405);
  CHECK(none.error().allow == "POST");
}

TEST_CASE("a body is a JSON object or nothing", "[router]") {
  CHECK(parse_body("").value().empty());
  CHECK(parse_body(" {\"a\": 1} ").value().size() == 1);
  for (const auto* wrong : {"[]", "1", "null", "\"a\""}) CHECK(outcome(parse_body(wrong)) == "the body must be a JSON object");
  for (const auto* wrong : {"{", "{}{}", "{a: 1}", "{\"a\": 1,}", "\xff", "{\"a\": \"\xff\"}", "{} // why"})
    CHECK_THAT(outcome(parse_body(wrong)), Contains("the body is no JSON"));
  CHECK_THAT(outcome(parse_body("{\"a\":" + std::string(30'000, '[') + std::string(30'000, ']') + "}")), Contains("no JSON"));
}

TEST_CASE("a member that is not taken is refused, and the likely one named", "[router]") {
  const std::string revoke = "/v1/certificates/a/revoke", list = "/v1/certificates";
  CHECK(checked({.method = "POST", .path = revoke, .body = {{"reason", "x"}, {"replace", true}}}) == "");
  CHECK(checked({.method = "POST", .path = revoke, .body = {{"raeson", "x"}}}) ==
        "POST /v1/certificates/{name}/revoke takes no \"raeson\"; did you mean \"reason\"?");
  CHECK(checked({.method = "POST", .path = revoke, .query = {{"reason", "x"}}}) ==
        "POST /v1/certificates/{name}/revoke takes no \"reason\" there");
  CHECK(checked({.method = "GET", .path = list, .query = {{"after", "x"}}}) == "");
  CHECK(checked({.method = "GET", .path = list, .body = {{"after", "x"}}}) == "GET /v1/certificates takes no \"after\" there");
}

TEST_CASE("members have one type each", "[router]") {
  const json::object body{{"text", "a"}, {"empty", ""},         {"flag", true},     {"number", 7},
                          {"less", -1},  {"texts", {"a", "b"}}, {"mixed", {"a", 1}}};
  members good(body);
  CHECK(good.text("text") == "a");
  CHECK(good.flag("flag"));
  CHECK_FALSE(good.flag("absent"));
  CHECK(good.maybe_number("number") == 7U);
  CHECK(good.maybe_number("absent") == std::nullopt);
  CHECK(good.maybe_text("absent") == std::nullopt);
  CHECK(good.texts("texts") == std::vector<std::string>{"a", "b"});
  CHECK(good.texts("absent").empty());
  CHECK(outcome(good.done()) == "");

  const auto wrong = [&body](auto read) {
    members in(body);
    static_cast<void>(read(in));
    return outcome(in.done());
  };
  CHECK(wrong([](members& in) { return in.text("absent"); }) == "\"absent\" is missing; give a text");
  CHECK(wrong([](members& in) { return in.text("empty"); }) == "\"empty\" must be a text that is not empty");
  CHECK_THAT(wrong([](members& in) { return in.text("flag"); }), Contains("must be a text"));
  CHECK_THAT(wrong([](members& in) { return in.flag("text"); }), Contains("must be true or false"));
  CHECK_THAT(wrong([](members& in) { return in.maybe_number("less"); }), Contains("not negative"));
  CHECK_THAT(wrong([](members& in) { return in.texts("mixed"); }), Contains("array of texts"));
  CHECK_THAT(wrong([](members& in) { return in.texts("text"); }), Contains("array of texts"));
}

TEST_CASE("a failure is a problem document, and becomes the same failure again", "[router]") {
  using enum condition;
  for (const auto& [what, status] : {std::pair{bad_input, 400U}, std::pair{denied, 403U}, std::pair{operator_needed, 409U},
                                     std::pair{unsupported, 422U}, std::pair{peer_fault, 502U}, std::pair{retry_later, 503U}}) {
    const auto sent = to_reply(refusal(agent::fail(what, "why")));
    CHECK(sent.status == status);
    // As a client has it, by way of text.
    const auto told = to_failure(json::parse(json::serialize(sent.body)));
    CHECK(told.code == what);
    CHECK(told.what == "why");
  }
  const auto sent = to_reply(refusal(agent::fail(denied, "why"), "some.rule"));
  CHECK(json::serialize(sent.body) == R"({"title":"denied","detail":"why","status":403,"rule":"some.rule"})");
  CHECK(to_failure(json::parse(json::serialize(sent.body))).what == "why (rule some.rule)");
  CHECK(to_failure(json::value(1)).code == peer_fault);
  CHECK(to_failure(json::parse(R"({"status": 404, "detail": "a\nb"})")).what == "a?b");
}

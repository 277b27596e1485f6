#include "sealring/acme/client.hpp"

#include "unit/acme/connected.hpp"

namespace sealring::test {

namespace {

struct counting_solver {
  int presented = 0;
  int cleaned = 0;
  const acme::challenge* choose(const acme::authorization& a) const { return a.find(acme::http01); }
  sealring::result<void> present(const identifier&, const acme::challenge&, const std::string&) {
    ++presented;
    return {};
  }
  sealring::result<void> look(const identifier&, const acme::challenge&, const std::string&) const { return {}; }
  void clean_up(const identifier&, const acme::challenge&) noexcept { ++cleaned; }
};

acme::order order_of_one() {
  return {"https://ca/order/1",
          "pending",
          {{identifier::type::dns, "a.test"}},
          {"https://ca/authz/1"},
          "https://ca/finalize/1",
          {},
          {}};
}

http::response authz(const std::string& status, const std::string& challenges) {
  return answer(
      200, R"({"status":")" + status + R"(","identifier":{"type":"dns","value":"a.test"},"challenges":[)" + challenges + "]}");
}

const std::string http01_challenge = R"({"type":"http-01","url":"https://ca/chall/1","status":"pending","token":"tok"})";
const std::string failed_challenge =
    R"({"type":"http-01","url":"https://ca/chall/1","status":"pending","token":"tok",
        "error":{"type":"urn:ietf:params:acme:error:connection","detail":"refused by 192.0.2.1"}})";

}  // namespace

TEST_CASE("client: challenges it does not know, or without a token, are passed over", "[client]") {
  scripted_ca ca;
  client c = connected(ca);
  ca.then(authz("pending", R"({"type":"new-01","url":"https://ca/chall/8","status":"pending","token":"t"},
                              {"type":"http-01","url":"https://ca/chall/9","status":"pending"}, "odd", )" +
                               http01_challenge));
  ca.then(answer(200, "{}")).then(authz("valid", http01_challenge));
  counting_solver solver;
  REQUIRE(c.authorize(order_of_one(), solver));
  CHECK(solver.presented == 1);
  CHECK(solver.cleaned == 1);
  CHECK(ca.left() == 0);
  CHECK(ca.asked()[3].url == "https://ca/chall/1");
  CHECK(payload_of(ca.asked()[3]) == "{}");
  CHECK(payload_of(ca.asked()[2]).empty());  // POST-as-GET
}

TEST_CASE("client: an authorization that carries an error ends the wait at once, and the solver is cleaned up", "[client]") {
  scripted_ca ca;
  client c = connected(ca);
  ca.then(authz("pending", http01_challenge)).then(answer(200, "{}")).then(authz("pending", failed_challenge));
  counting_solver solver;
  const auto ended = c.authorize(order_of_one(), solver);
  REQUIRE_FALSE(ended);
  CHECK(ended.error().code == acme::errc::authorization_failed);
  CHECK(ended.error().what.find("refused by 192.0.2.1") != std::string::npos);
  CHECK(ended.error().what.find("a.test") != std::string::npos);
  CHECK(solver.cleaned == 1);
  CHECK(ca.left() == 0);
}

TEST_CASE("client: a challenge that the CA is still trying is waited for", "[client]") {
  scripted_ca ca;
  client c = connected(ca);
  std::string trying = failed_challenge;
  trying.replace(trying.find("pending"), 7, "processing");
  ca.then(authz("pending", http01_challenge)).then(answer(200, "{}")).then(authz("pending", trying));
  ca.then(authz("valid", http01_challenge));
  counting_solver solver;
  CHECK(c.authorize(order_of_one(), solver));
}

TEST_CASE("client: a solver may have more to say to the CA than that it is ready", "[client]") {
  struct attesting_solver : counting_solver {
    const acme::challenge* choose(const acme::authorization& a) const { return a.find(acme::device_attest01); }
    std::string response(const identifier& id, const acme::challenge& c) const { return id.other_type + c.token; }
  };
  scripted_ca ca;
  client c = connected(ca);
  ca.then(answer(200, R"({"status":"pending","identifier":{"type":"permanent-identifier","value":"serial"},"challenges":[
      {"type":"device-attest-01","url":"https://ca/chall/1","status":"pending","token":"tok"}]})"));
  ca.then(answer(200, "{}")).then(authz("valid", {}));
  attesting_solver solver;
  REQUIRE(c.authorize(order_of_one(), solver));
  CHECK(payload_of(ca.asked()[3]) == "permanent-identifiertok");
}

TEST_CASE("client: what the CA says reaches no terminal with control characters", "[client]") {
  scripted_ca ca;
  client c = connected(ca);
  ca.then(answer(200, R"({"status":"processing"})")).then(answer(200, R"({"status":"\u001b[2J\u009b1m"})"));
  CHECK(c.finalize(order_of_one(), as_bytes("csr")).error().what == "order https://ca/order/1: the CA says it is  [2J  1m");
}

TEST_CASE("client: no challenge to solve is said so", "[client]") {
  scripted_ca ca;
  client c = connected(ca);
  ca.then(authz("pending", R"({"type":"dns-01","url":"https://ca/chall/1","status":"pending","token":"t"})"));
  counting_solver solver;
  CHECK(c.authorize(order_of_one(), solver).error().code == acme::errc::no_solvable_challenge);
}

TEST_CASE("client: a second answer to a challenge is a conflict, and no failure", "[client]") {
  scripted_ca ca;
  client c = connected(ca);
  ca.then(authz("pending", http01_challenge)).then(problem_of(409, "conflict")).then(authz("valid", http01_challenge));
  counting_solver solver;
  CHECK(c.authorize(order_of_one(), solver));
}

TEST_CASE("client: finalize waits for an order that lags behind its authorizations", "[client]") {
  scripted_ca ca;
  client c = connected(ca);
  const auto order = [](const std::string& status) {
    return answer(200,
                  R"({"status":")" + status + R"(","finalize":"https://ca/finalize/1","certificate":"https://ca/cert/1"})");
  };
  ca.then(problem_of(403, "orderNotReady")).then(order("pending")).then(order("ready")).then(order("processing"));
  ca.then(order("processing")).then(order("valid"));
  const auto done = c.finalize(order_of_one(), as_bytes("csr"));
  REQUIRE(done);
  CHECK(done->certificate == "https://ca/cert/1");
  CHECK(ca.left() == 0);
}

TEST_CASE("client: a poll that fails in passing is asked again; a certificate is not given up for it", "[client]") {
  scripted_ca ca;
  client c = connected(ca);
  ca.then(answer(200, R"({"status":"processing"})", {{"Retry-After", "0"}}));
  ca.then({502, {{"Content-Type", "text/html"}}, "<html>"});
  ca.then(problem_of(500, "serverInternal"));
  ca.then(answer(200, R"({"status":"valid","certificate":"https://ca/cert/1"})"));
  const auto done = c.finalize(order_of_one(), as_bytes("csr"));
  REQUIRE(done);
  CHECK(done->identifiers == order_of_one().identifiers);  // what was asked for, though the CA left it out
}

TEST_CASE("client: an order that was finalized before, its answer lost, is taken up", "[client]") {
  scripted_ca ca;
  client c = connected(ca);
  ca.then(problem_of(403, "orderNotReady"));
  ca.then(answer(200, R"({"status":"valid","certificate":"https://ca/cert/1"})"));
  CHECK(c.finalize(order_of_one(), as_bytes("csr")));
}

TEST_CASE("client: a Retry-After of a day does not end the wait", "[client]") {
  acme::detail::back_off pause{std::chrono::milliseconds{8}};
  CHECK(pause.after(std::chrono::hours{24}) == std::chrono::seconds{30});
  CHECK(pause.after(std::nullopt) == std::chrono::milliseconds{8});
  CHECK(pause.after(std::chrono::seconds{0}) == std::chrono::milliseconds{16});
}

TEST_CASE("client: nothing is asked in an account's name before there is one", "[client]") {
  scripted_ca ca;
  ca.directory();
  auto c = client::connect(ca, key_of<es256>(), "https://ca/dir").value();
  CHECK(c.deactivate_account().error().code == acme::errc::no_account);
}

TEST_CASE("client: an order that fails says why", "[client]") {
  scripted_ca ca;
  client c = connected(ca);
  ca.then(answer(200, R"({"status":"processing"})"));
  ca.then(answer(200, R"({"status":"invalid","error":{"type":"urn:ietf:params:acme:error:badCSR","detail":"weak key"}})"));
  const auto ended = c.finalize(order_of_one(), as_bytes("csr"));
  REQUIRE_FALSE(ended);
  CHECK(ended.error().code == acme::errc::order_failed);
  CHECK(ended.error().what.find("weak key") != std::string::npos);
}

TEST_CASE("client: a CA that never decides is given up", "[client]") {
  scripted_ca ca;
  client c = connected(ca, {}, std::chrono::seconds{1});
  for (int i = 0; i < 100; ++i) ca.then(answer(200, R"({"status":"processing"})"));
  const auto ended = c.finalize(order_of_one(), as_bytes("csr"));
  REQUIRE_FALSE(ended);
  CHECK(ended.error().code == acme::errc::deadline_exceeded);
  CHECK(ended.error().code == condition::retry_later);
}

TEST_CASE("client: what is no directory is named", "[client]") {
  for (const auto& [body, expected] : {std::pair{"<html>", "does not answer JSON"},
                                       {"[]", "does not answer JSON"},
                                       {R"({"newNonce":"x"})", "without newNonce, newAccount and newOrder"}}) {
    scripted_ca ca;
    ca.then({200, {}, body});
    const auto c = client::connect(ca, key_of<es256>(), "https://ca/dir");
    REQUIRE_FALSE(c);
    CHECK(c.error().code == acme::errc::not_acme);
    CHECK(c.error().what.find(expected) != std::string::npos);
  }
}

TEST_CASE("client: a busy CA gets the pause it asks for; a longer one than the deadline is a failure", "[client]") {
  scripted_ca ca;
  client c = connected(ca);
  ca.then(problem_of(503, "rateLimited", {{"Retry-After", "0"}}));
  ca.then(answer(201, R"({"status":"pending"})", {{"Location", "/order/7"}}));
  const std::vector names{parse_identifier("a.test").value()};
  const auto order = c.new_order(names);
  REQUIRE(order);
  CHECK(order->url == "https://ca/order/7");
  ca.then(problem_of(503, "rateLimited", {{"Retry-After", "3600"}}));
  const auto refused = c.new_order(names);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().retry_after == std::chrono::hours{1});
}

TEST_CASE("client: an order that the CA renews by itself is finalized, downloaded from and cancelled", "[client]") {
  scripted_ca ca;
  client c = connected(ca);
  const std::string star = R"(","finalize":"https://ca/finalize/1","star-certificate":"https://ca/star/1"})";
  ca.then(answer(200, R"({"status":"processing)" + star)).then(answer(200, R"({"status":"valid)" + star));
  const auto done = c.finalize(order_of_one(), as_bytes("csr"));
  REQUIRE(done);
  CHECK(certificate_url(*done) == "https://ca/star/1");
  const std::size_t asked = ca.asked().size();
  CHECK(c.finalize(*done, as_bytes("csr")));
  CHECK(ca.asked().size() == asked);  // it is past that
  ca.then(answer(403, "{}"));
  CHECK_FALSE(c.download(*done, key_of<es256>().public_key()));
  CHECK(ca.asked().back().url == "https://ca/star/1");
  ca.then(answer(200, R"({"status":"canceled)" + star));
  const auto cancelled = c.cancel_order("https://ca/order/1");
  REQUIRE(cancelled);
  CHECK(cancelled->status == "canceled");
  CHECK(payload_of(ca.asked().back()) == R"({"status":"canceled"})");
}

TEST_CASE("client: an authorization for all that is below a domain", "[client]") {
  scripted_ca ca;
  client c = connected(ca, R"(,"newAuthz":"https://ca/authz")");
  ca.then(answer(201, R"({"status":"pending","subdomainAuthAllowed":true})", {{"Location", "/authz/1"}}));
  const auto made = c.new_authorization({identifier::type::dns, "a.test"}, true);
  REQUIRE(made);
  CHECK(made->subdomain_auth_allowed);
  CHECK(payload_of(ca.asked().back()) == R"({"identifier":{"type":"dns","value":"a.test","subdomainAuthAllowed":true}})");
}

TEST_CASE("client: revoking what is revoked already is success", "[client]") {
  scripted_ca ca;
  client c = connected(ca);
  ca.then(problem_of(400, "alreadyRevoked")).then(problem_of(403, "unauthorized"));
  CHECK(c.revoke(as_bytes("der")));
  CHECK_FALSE(c.revoke(as_bytes("der"), acme::revocation_reason::superseded));
  CHECK(payload_of(ca.asked().back()) == R"({"certificate":"ZGVy","reason":4})");
}

}  // namespace sealring::test

#include "sealring/acme/client.hpp"

#include "unit/acme/connected.hpp"

namespace sealring::test {

namespace {

const std::string key_change = R"(,"keyChange":"https://ca/key-change")";

software_key<es256> another_key() {
  static const detail::evp_pkey evp = make_evp_for<es256>();
  return must(software_key<es256>::from(evp.get()));
}

}  // namespace

TEST_CASE("account: external account binding is the JWK signed with the CA's key, in each of three sizes", "[account]") {
  for (const auto algorithm : {jose::hmac_algorithm::hs256, jose::hmac_algorithm::hs384, jose::hmac_algorithm::hs512}) {
    scripted_ca ca;
    client c = connected(ca);
    ca.then(answer(201, R"({"status":"valid"})", {{"Location", "https://ca/account/2"}}));
    const jose::hmac_key mac{.kid = "kid-1", .secret = {1, 2, 3}, .algorithm = algorithm};
    const auto made =
        c.register_account({.contact = {"mailto:a@b"}, .terms_of_service_agreed = true, .external_account = &mac});
    REQUIRE(made);
    CHECK(made->url == "https://ca/account/2");
    const auto payload = acme::parse_object(payload_of(ca.asked().back())).value();
    const auto* binding = acme::object(payload, "externalAccountBinding");
    REQUIRE(binding);
    const http::request inner{.body = acme::json::serialize(*binding)};
    CHECK(payload_of(inner) == jose::to_jwk(key_of<es256>().public_key()));
    const auto header = protected_header(inner);
    CHECK(acme::text(header, "alg") == jose::name(algorithm));
    CHECK(acme::text(header, "kid") == "kid-1");
    CHECK(acme::text(header, "url") == "https://ca/account");
    CHECK_FALSE(header.contains("nonce"));
    const std::string input = acme::text(*binding, "protected") + '.' + acme::text(*binding, "payload");
    CHECK(acme::text(*binding, "signature") == base64url_encode(must(mac.sign(as_bytes(input)))));
  }
}

TEST_CASE("account: contacts are updated at the account's own URL", "[account]") {
  scripted_ca ca;
  client c = connected(ca);
  ca.then(answer(200, R"({"status":"valid","contact":["mailto:a@b"]})")).then(answer(200, R"({"status":"valid"})"));
  const auto updated = c.update_account(std::vector<std::string>{"mailto:a@b"});
  REQUIRE(updated);
  CHECK(updated->url == "https://ca/account/1");
  CHECK(updated->contact == std::vector<std::string>{"mailto:a@b"});
  CHECK(ca.asked().back().url == "https://ca/account/1");
  CHECK(payload_of(ca.asked().back()) == R"({"contact":["mailto:a@b"]})");
  REQUIRE(c.update_account({}));
  CHECK(payload_of(ca.asked().back()) == R"({"contact":[]})");
}

TEST_CASE("account: a change of key is signed by both, and from then on the new one signs", "[account]") {
  scripted_ca ca;
  client c = connected(ca, key_change);
  ca.then(answer(200, "{}")).then(answer(200, "{}", {{"Location", "/account/1"}})).then(answer(200, R"({"status":"valid"})"));
  const auto fresh = another_key();
  REQUIRE(c.change_key(fresh));
  const http::request& question = ca.asked().back();
  CHECK(question.url == "https://ca/account");
  CHECK(payload_of(question) == acme::existing_account_payload);
  CHECK(is_signed_by(question, fresh));
  const http::request& outer = ca.asked().rbegin()[1];
  CHECK(outer.url == "https://ca/key-change");
  CHECK(acme::text(protected_header(outer), "kid") == "https://ca/account/1");
  CHECK(is_signed_by(outer, key_of<es256>()));

  const http::request inner{.body = payload_of(outer)};
  CHECK(acme::parse_object(inner.body)->size() == 3);
  const auto header = protected_header(inner);
  CHECK(header.size() == 3);  // alg, jwk, url: no nonce
  CHECK(acme::text(header, "url") == "https://ca/key-change");
  CHECK(acme::json::serialize(header.at("jwk")) == jose::to_jwk(fresh.public_key()));
  CHECK(is_signed_by(inner, fresh));
  CHECK(payload_of(inner) ==
        R"({"account":"https://ca/account/1","oldKey":)" + jose::to_jwk(key_of<es256>().public_key()) + "}");

  CHECK(c.account_key().public_key() == fresh.public_key());
  REQUIRE(c.get_order("https://ca/order/1"));
  CHECK(is_signed_by(ca.asked().back(), fresh));
}

TEST_CASE("account: a new key that has an account already is told with that account, and the old one stays", "[account]") {
  scripted_ca ca;
  client c = connected(ca, key_change);
  ca.then(problem_of(409, "malformed", {{"Location", "/account/7"}})).then(problem_of(403, "unauthorized"));
  const auto refused = c.change_key(another_key());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == acme::errc::key_in_use);
  CHECK(refused.error().location == "https://ca/account/7");
  CHECK(refused.error().what.find("has the account https://ca/account/7") != std::string::npos);
  CHECK(c.account_key().public_key() == key_of<es256>().public_key());
  CHECK(c.change_key(another_key()).error().code == acme::errc::problem);
}

TEST_CASE("account: a CA that says that it changed the key is asked whether it did", "[account]") {
  const auto after = [](const http::response& r) {
    scripted_ca ca;
    client c = connected(ca, key_change);
    ca.then(answer(200, "{}")).then(r);
    const auto refused = c.change_key(another_key());
    CHECK(c.account_key().public_key() == key_of<es256>().public_key());
    REQUIRE_FALSE(refused);
    return refused.error();
  };
  const auto of_another = after(answer(200, "{}", {{"Location", "/account/7"}}));
  CHECK(of_another.code == acme::errc::key_in_use);
  CHECK(of_another.location == "https://ca/account/7");
  CHECK(after(problem_of(400, "accountDoesNotExist")).code == condition::peer_fault);
  CHECK(after(answer(200, "{}")).code == acme::errc::not_acme);
  CHECK(after(problem_of(500, "serverInternal")).code == condition::retry_later);
}

TEST_CASE("account: no change of key without an account, or where the CA has none", "[account]") {
  scripted_ca ca;
  ca.directory(key_change);
  auto c = client::connect(ca, key_of<es256>(), "https://ca/dir").value();
  CHECK(c.change_key(another_key()).error().code == acme::errc::no_account);
  CHECK(c.update_account({}).error().code == acme::errc::no_account);
  scripted_ca without;
  CHECK(connected(without).change_key(another_key()).error().code == acme::errc::not_offered);
}

TEST_CASE("account: authorizations before an order, where the CA offers them", "[account]") {
  const std::string body = R"({"status":"pending","identifier":{"type":"dns","value":"a.test"},"challenges":[]})";
  scripted_ca ca;
  client c = connected(ca, R"(,"newAuthz":"https://ca/new-authz")");
  ca.then(answer(201, body, {{"Location", "/authz/1"}})).then(answer(201, body));
  const identifier name = must(parse_identifier("a.test"));
  const auto made = c.new_authorization(name);
  REQUIRE(made);
  CHECK(made->url == "https://ca/authz/1");
  CHECK(made->identifier == name);
  CHECK(ca.asked().back().url == "https://ca/new-authz");
  CHECK(payload_of(ca.asked().back()) == R"({"identifier":{"type":"dns","value":"a.test"}})");
  CHECK(c.new_authorization(name).error().code == acme::errc::not_acme);  // without a Location

  scripted_ca without;
  CHECK(connected(without).new_authorization(name).error().code == condition::unsupported);
}

TEST_CASE("account: an authorization is given back", "[account]") {
  scripted_ca ca;
  client c = connected(ca);
  ca.then(answer(200, R"({"status":"deactivated"})"));
  CHECK(c.deactivate_authorization("https://ca/authz/1")->status == "deactivated");
  CHECK(ca.asked().back().url == "https://ca/authz/1");
  CHECK(payload_of(ca.asked().back()) == R"({"status":"deactivated"})");
}

TEST_CASE("account: the example of RFC 8555 section 7.1.2, read and written back", "[account]") {
  const std::string sent = R"({
  "status": "valid",
  "contact": [
    "mailto:cert-admin@example.org",
    "mailto:admin@example.org"
  ],
  "termsOfServiceAgreed": true,
  "orders": "https://example.com/acme/orders/rzGoeA",
  "createdAt": "2016-01-01T00:00:00Z",
  "externalAccountBinding": {"protected": "", "payload": "", "signature": ""}
})";
  const auto object = acme::parse_object(sent).value();
  acme::account a = acme::to_account(object, "https://example.com/acme/acct/evOfKhNU60wg");
  CHECK(a.contact == std::vector<std::string>{"mailto:cert-admin@example.org", "mailto:admin@example.org"});
  CHECK(a.terms_of_service_agreed);
  CHECK(a.orders == "https://example.com/acme/orders/rzGoeA");
  CHECK(a.external_account_binding->size() == 3);
  CHECK(acme::json::serialize(to_json(a)) == acme::json::serialize(object));
  a.contact.clear();
  a.external_account_binding.reset();
  CHECK(to_json(a) == acme::parse_object(R"({"status":"valid","termsOfServiceAgreed":true,"createdAt":"2016-01-01T00:00:00Z",
      "orders":"https://example.com/acme/orders/rzGoeA"})")
                          .value());
}

TEST_CASE("account: nothing is written of what is empty", "[account]") {
  CHECK(acme::json::serialize(to_json(acme::to_account({}, "https://ca/account/1"))) == "{}");
}

}  // namespace sealring::test

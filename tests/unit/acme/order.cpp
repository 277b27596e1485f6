#include "sealring/acme/order.hpp"

#include "unit/acme/connected.hpp"

namespace sealring::test {

namespace {

const std::string profiles = R"(,"meta":{"profiles":{"classic":"as ever","shortlived":"six days"}})";
const std::vector names{identifier{identifier::type::dns, "*.a.test"}, identifier{identifier::type::ip, "192.0.2.1"}};
const std::string identifiers = R"("identifiers":[{"type":"dns","value":"*.a.test"},{"type":"ip","value":"192.0.2.1"}])";

http::response made() { return answer(201, R"({"status":"pending"})", {{"Location", "https://ca/order/1"}}); }

http::response order(const std::string& status) {
  return answer(200, R"({"status":")" + status + R"(","finalize":"https://ca/finalize/1","certificate":"https://ca/cert/1"})");
}

http::response found(const std::string& members) {
  return answer(200, R"({"status":"valid")" + members + '}', {{"Location", "https://ca/account/1"}});
}
const std::string with_orders = R"(,"orders":"/orders/1")";

}  // namespace

TEST_CASE("order: a profile and the certificate that it replaces are asked for", "[order]") {
  scripted_ca ca;
  client c = connected(ca, profiles);
  ca.then(made()).then(made());
  REQUIRE(c.new_order({.names = names, .profile = "shortlived", .replaces = "aki.serial"}));
  CHECK(payload_of(ca.asked().back()) == '{' + identifiers + R"(,"profile":"shortlived","replaces":"aki.serial"})");
  const auto plain = c.new_order(names);
  REQUIRE(plain);
  CHECK(plain->identifiers == names);
  CHECK(payload_of(ca.asked().back()) == '{' + identifiers + '}');
}

TEST_CASE("order: a profile that the CA does not list is not asked for; it is told which there are", "[order]") {
  scripted_ca ca;
  client c = connected(ca, profiles);
  const auto refused = c.new_order({.names = names, .profile = "long"});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == acme::errc::not_offered);
  CHECK(refused.error().what.find("\"long\"; it has classic, shortlived") != std::string::npos);
  CHECK(ca.asked().size() == 1);
  scripted_ca silent;
  client other = connected(silent);
  silent.then(made());
  CHECK(other.new_order({.names = names, .profile = "long"}));
}

TEST_CASE("order: the account's orders are read page by page", "[order]") {
  scripted_ca ca;
  client c = connected(ca);
  ca.then(found(with_orders));
  ca.then(answer(200, R"({"orders":["https://ca/order/1","/order/2"]})",
                 {{"Link", R"(<https://ca/dir>;rel="index", </orders/1?cursor=2>;rel="next")"}}));
  ca.then(answer(200, R"({"orders":["https://ca/order/3"]})"));
  const auto orders = c.list_orders();
  REQUIRE(orders);
  CHECK(*orders == std::vector<std::string>{"https://ca/order/1", "https://ca/order/2", "https://ca/order/3"});
  CHECK(payloads(ca) == std::vector<std::string>{R"({"onlyReturnExisting":true})", "", ""});
  CHECK(ca.asked().back().url == "https://ca/orders/1?cursor=2");
}

TEST_CASE("order: a list that does not end is given up", "[order]") {
  scripted_ca ca;
  client c = connected(ca);
  ca.then(found(with_orders));
  std::string page = "https://ca/order/1";
  for (int i = 0; i < 2500; ++i) page += R"(","https://ca/order/1)";
  for (int i = 0; i < 5; ++i)
    ca.then(answer(200, R"({"orders":[")" + page + R"("]})", {{"Link", R"(</orders/1>;rel="next")"}}));
  const auto ended = c.list_orders();
  REQUIRE_FALSE(ended);
  CHECK(ended.error().code == acme::errc::not_acme);
  CHECK(ca.left() == 1);
}

TEST_CASE("order: a CA without such a list is told from one that fails", "[order]") {
  scripted_ca ca;
  client c = connected(ca);
  ca.then(found({})).then(found(with_orders)).then(answer(200, "[]"));
  CHECK(c.list_orders().error().code == acme::errc::not_offered);
  CHECK(c.list_orders().error().code == acme::errc::not_acme);
  scripted_ca other;
  client without = connected(other);
  other.then(problem_of(400, "accountDoesNotExist"));
  CHECK(without.list_orders().error().problem->is("accountDoesNotExist"));
}

TEST_CASE("order: finalize goes on from where the order stands", "[order]") {
  const auto resumed = [](scripted_ca& ca, client& c, const std::string& status) {
    ca.then(order(status));
    auto o = c.get_order("https://ca/order/1").value();
    o.identifiers = names;
    return o;
  };
  SECTION("valid: nothing is asked") {
    scripted_ca ca;
    client c = connected(ca);
    const auto o = resumed(ca, c, "valid");
    const auto done = c.finalize(o, as_bytes("csr"));
    REQUIRE(done);
    CHECK(done->certificate == "https://ca/cert/1");
    CHECK(done->identifiers == names);
    CHECK(ca.asked().size() == 3);  // the directory, a nonce, the order
  }
  SECTION("processing: waited for, without a CSR") {
    scripted_ca ca;
    client c = connected(ca);
    const auto o = resumed(ca, c, "processing");
    ca.then(order("processing")).then(order("valid"));
    REQUIRE(c.finalize(o, as_bytes("csr")));
    CHECK(payloads(ca) == std::vector<std::string>{"", "", ""});
  }
  SECTION("ready: the CSR is sent") {
    scripted_ca ca;
    client c = connected(ca);
    const auto o = resumed(ca, c, "ready");
    ca.then(order("processing")).then(order("valid"));
    REQUIRE(c.finalize(o, as_bytes("csr")));
    CHECK(payloads(ca) == std::vector<std::string>{"", R"({"csr":"Y3Ny"})", ""});
    CHECK(ca.asked()[3].url == "https://ca/finalize/1");
  }
  SECTION("invalid: said so") {
    scripted_ca ca;
    client c = connected(ca);
    const auto o = resumed(ca, c, "invalid");
    CHECK(c.finalize(o, as_bytes("csr")).error().code == acme::errc::order_failed);
    CHECK(ca.asked().size() == 3);
  }
}

TEST_CASE("order: the example of RFC 8555 section 7.1.3, read and written back", "[order]") {
  const std::string sent = R"({
  "status": "valid",
  "expires": "2016-01-20T14:09:07.99Z",

  "identifiers": [
    { "type": "dns", "value": "www.example.org" },
    { "type": "dns", "value": "example.org" }
  ],

  "notBefore": "2016-01-01T00:00:00Z",
  "notAfter": "2016-01-08T00:00:00Z",

  "authorizations": [
    "https://example.com/acme/authz/PAniVnsZcis",
    "https://example.com/acme/authz/r4HqLzrSrpI"
  ],

  "finalize": "https://example.com/acme/order/TOlocE8rfgo/finalize",

  "certificate": "https://example.com/acme/cert/mAt3xBGaobw"
})";
  const auto object = acme::parse_object(sent).value();
  acme::order o = acme::to_order(object, "https://example.com/acme/order/TOlocE8rfgo");
  CHECK(o.expires == "2016-01-20T14:09:07.99Z");
  CHECK(o.identifiers.at(0).value == "www.example.org");
  CHECK(o.not_before == "2016-01-01T00:00:00Z");
  CHECK(o.not_after == "2016-01-08T00:00:00Z");
  CHECK(o.authorizations.size() == 2);
  CHECK(acme::json::serialize(to_json(o)) == acme::json::serialize(object));
  o.identifiers.pop_back();
  o.status = "invalid";
  o.certificate.clear();
  o.error = acme::problem{"urn:x", "y", 0, {}, {}};
  const auto changed = to_json(o);
  CHECK(acme::json::serialize(changed.at("identifiers")) == R"([{"type":"dns","value":"www.example.org"}])");
  CHECK(acme::json::serialize(changed.at("error")) == R"({"type":"urn:x","detail":"y"})");
  CHECK_FALSE(changed.contains("certificate"));
  CHECK(changed.at("notAfter") == "2016-01-08T00:00:00Z");
}

TEST_CASE("order: members of other documents, and of none, are kept", "[order]") {
  const std::string sent =
      R"({"status":"valid","identifiers":[{"type":"dns","value":"foo.bar.example.org","ancestorDomain":"example.org"},5],)"
      R"("profile":"shortlived","replaces":"aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE",)"
      R"("auto-renewal":{"end-date":"2017-01-20T00:00:00Z","lifetime":345600,"lifetime-adjust":259200,"extra":1},)"
      R"("error":"none","star-certificate":"https://example.com/acme/cert/g7m3ZQeTEqa","priority":15})";
  const auto object = acme::parse_object(sent).value();
  acme::order o = acme::to_order(object, {});
  CHECK(o.profile == "shortlived");
  CHECK(o.replaces == "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE");
  CHECK(o.star_certificate == "https://example.com/acme/cert/g7m3ZQeTEqa");
  REQUIRE(o.auto_renewal);
  CHECK(o.auto_renewal->lifetime == std::chrono::days{4});
  CHECK_FALSE(o.error);
  CHECK(acme::json::serialize(to_json(o)) == sent);
  o.auto_renewal->lifetime = std::chrono::days{2};
  CHECK(acme::json::serialize(to_json(o).at("auto-renewal")) ==
        R"({"end-date":"2017-01-20T00:00:00Z","lifetime":172800,"lifetime-adjust":259200,"extra":1})");
  o.auto_renewal.reset();
  CHECK_FALSE(to_json(o).contains("auto-renewal"));
}

TEST_CASE("order: dates, automatic renewal and ancestors are asked for", "[order]") {
  using namespace std::chrono;
  // RFC 8555 section 7.4, in UTC
  CHECK(
      acme::new_order_payload({.names = {names[0]},
                               .not_before = sys_days{2015y / 12 / 31} + 20h + 4min,
                               .not_after = sys_days{2016y / 1 / 7} + 20h + 4min}) ==
      R"({"identifiers":[{"type":"dns","value":"*.a.test"}],"notBefore":"2015-12-31T20:04:00Z","notAfter":"2016-01-07T20:04:00Z"})");
  CHECK(
      acme::new_order_payload(
          {.names = {names[0]}, .auto_renewal = acme::auto_renewal{.end_date = sys_days{2016y / 1 / 20}, .lifetime = 96h}}) ==
      R"({"identifiers":[{"type":"dns","value":"*.a.test"}],"auto-renewal":{"end-date":"2016-01-20T00:00:00Z","lifetime":345600}})");
  const auto name = [](std::string_view text) { return must(parse_identifier(text)); };
  // RFC 9444 section 4.3
  const acme::order_request below{.names = {name("foo.bar.example.org"), name("*.bar.example.org"), name("example.org"),
                                            name("badexample.org"), name("*.example.org"), name("192.0.2.1")},
                                  .ancestor_domains = {"", "bar.example.org", "example.org", "1"}};
  CHECK(
      acme::new_order_payload(below) ==
      R"({"identifiers":[{"type":"dns","value":"foo.bar.example.org","ancestorDomain":"example.org"},)"
      R"({"type":"dns","value":"*.bar.example.org","ancestorDomain":"example.org"},{"type":"dns","value":"example.org"},)"
      R"({"type":"dns","value":"badexample.org"},{"type":"dns","value":"*.example.org"},{"type":"ip","value":"192.0.2.1"}]})");
}

}  // namespace sealring::test

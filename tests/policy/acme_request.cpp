#include "agent/keeper/policy/acme_request.hpp"

#include "catch.hpp"
#include "policy/outcome.hpp"

namespace sealring::test {
namespace {

using namespace agent::policy;

template <class Shape>
bool is(std::string_view payload, signed_as how = signed_as::kid) {
  const auto wish = parse_acme_request(payload, how);
  return wish && std::holds_alternative<Shape>(*wish);
}

}  // namespace

TEST_CASE("acme_request: each shape is told by its members", "[acme_request]") {
  CHECK(is<post_as_get>(""));
  CHECK(is<challenge_response>("{}"));
  CHECK(is<new_account>("{}", signed_as::jwk));
  CHECK(is<new_account>(R"({"contact":["mailto:a@b"]})", signed_as::jwk));
  CHECK(is<account_update>(R"({"contact":["mailto:a@b"]})"));
  CHECK(is<new_account>(R"({"termsOfServiceAgreed":true,"onlyReturnExisting":false})", signed_as::jwk));
  CHECK(is<new_account>(R"({"externalAccountBinding":{"protected":"e30","payload":"e30","signature":"AA"}})", signed_as::jwk));
  CHECK(is<deactivation>(R"({"status":"deactivated"})"));
  CHECK(
      is<new_order>(R"({"identifiers":[{"type":"dns","value":"a.test"},{"type":"ip","value":"192.0.2.1"}],"profile":"p-1"})"));
  CHECK(is<new_authorization>(R"({"identifier":{"type":"dns","value":"a.test"}})"));
  CHECK(is<finalize>(R"({"csr":"AAAA"})"));
  CHECK(is<revoke_cert>(R"({"certificate":"AAAA","reason":4})"));
  CHECK(is<revoke_cert>(R"({"certificate":"AAAA"})", signed_as::jwk));
  CHECK(is<key_change_outer>(R"({"protected":"e30","payload":"e30","signature":"AA"})"));
  CHECK(is<key_change_inner>(R"({"account":"https://ca/1","oldKey":{}})", signed_as::jwk));
}

TEST_CASE("acme_request: what is none of them is refused", "[acme_request]") {
  for (const char* bad : {R"({"status":"valid"})",
                          R"({"status":"deactivated","contact":[]})",
                          R"({"identifiers":[]})",
                          R"({"identifiers":{}})",
                          R"({"identifiers":[{"type":"dns","value":"A.test"}]})",
                          R"({"identifiers":[{"type":"ip","value":"a.test"}]})",
                          R"({"identifiers":[{"type":"dns","value":"192.0.2.1"}]})",
                          R"({"identifiers":[{"type":"ip","value":"2001:DB8::1"}]})",
                          R"({"identifiers":[{"type":"dns","value":"a.test","x":1}]})",
                          R"({"identifiers":[{"type":"email","value":"a@b"}]})",
                          R"({"identifiers":[{"value":"a.test"}]})",
                          R"({"identifiers":["a.test"]})",
                          R"({"identifiers":[{"type":"dns","value":"a.test"}],"profile":1})",
                          R"({"identifiers":[{"type":"dns","value":"a.test"}],"profile":"free text"})",
                          R"({"identifiers":[{"type":"dns","value":"a.test"}],"csr":"AAAA"})",
                          R"({"identifier":[]})",
                          R"({"csr":""})",
                          R"({"csr":"A"})",
                          R"({"csr":"AAA="})",
                          R"({"csr":1})",
                          R"({"certificate":"AAAA","reason":7})",
                          R"({"certificate":"AAAA","reason":11})",
                          R"({"certificate":"AAAA","reason":-1})",
                          R"({"certificate":"AAAA","reason":"1"})",
                          R"({"certificate":"AAAA","reason":null})",
                          R"({"certificate":"AAAA","reason":true})",
                          R"({"reason":1})",
                          R"({"protected":"e30","payload":"e30"})",
                          R"({"protected":1,"payload":"e30","signature":"AA"})",
                          R"({"protected":"e30","payload":"","signature":"AA"})",
                          R"({"account":"a"})",
                          R"({"oldKey":{}})",
                          R"({"account":"a","oldKey":"b"})",
                          R"({"contact":"mailto:a@b"})",
                          R"({"contact":[1]})",
                          R"({"unknown":1})",
                          R"({"termsOfServiceAgreed":true})",
                          "[]",
                          "x"}) {
    INFO(bad);
    CHECK_FALSE(parse_acme_request(bad, signed_as::kid));
  }
  for (const char* bad :
       {R"({"termsOfServiceAgreed":"true"})", R"({"onlyReturnExisting":1})", R"({"externalAccountBinding":"x"})",
        R"({"externalAccountBinding":{"protected":"e30","payload":"e30"}})",
        R"({"externalAccountBinding":{"protected":"e30","payload":"e30","signature":"?"}})",
        R"({"status":"valid","contact":[]})", R"({"orders":"x"})"}) {
    INFO(bad);
    CHECK_FALSE(parse_acme_request(bad, signed_as::jwk));
  }
}

}  // namespace sealring::test

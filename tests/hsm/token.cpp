#include "fixture.hpp"

using namespace sealring;
using namespace sealring::test;

namespace {

hsm::failure why_not(const std::string& selector) {
  const auto found = hsm::token::find(load_module(), selector);
  REQUIRE(!found);
  return found.error();
}

bool says(const hsm::failure& f, const std::string& text) {
  INFO(f.message());
  return f.message().find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("a token is found by label, serial number or URI, without a login", "[token]") {
  make_token("one");
  make_token("two tokens; odd");
  const auto logins = calls("C_Login");
  const auto one = find_token("one").info();
  const auto two = find_token("two tokens; odd").info();
  CHECK(one.label == "one");
  CHECK(one.serial != two.serial);
  CHECK(find_token("serial=" + one.serial).info().label == "one");
  CHECK(find_token("pkcs11:token=one").info().serial == one.serial);
  CHECK(find_token("pkcs11:token=two%20tokens%3B%20odd").info().serial == two.serial);
  CHECK(find_token("pkcs11:serial=" + two.serial + ";object=key").info().serial == two.serial);
  CHECK(find_token("PKCS11:serial=" + two.serial).info().serial == two.serial);
  CHECK(find_token("pkcs11:slot-id=" + std::to_string(two.slot)).info().serial == two.serial);
  CHECK(calls("C_Login") == logins);
}

TEST_CASE("a token that is not there: the message lists those that are", "[token]") {
  make_token("present");
  const auto why = why_not("absent");
  CHECK(why == hsm::trouble::token_not_found);
  CHECK(why == condition::operator_needed);
  CHECK(says(why, "no token 'absent'"));
  CHECK(says(why, find_token("present").info().text()));
  CHECK(why_not("pkcs11:token=present;serial=0") == hsm::trouble::token_not_found);
  CHECK(why_not("pkcs11:token=present;library-manufacturer=Other") == hsm::trouble::token_not_found);
  CHECK(why_not("") == hsm::trouble::token_not_found);
  CHECK(why_not("serial=") == hsm::trouble::token_not_found);
  CHECK(why_not("pres") == hsm::trouble::token_not_found);
  CHECK(why_not("pkcs11:token=present?pin-value=1234") == hsm::trouble::uri_refused);
  CHECK(why_not("pkcs11:token=present;token=present") == hsm::trouble::uri_refused);
  CHECK(why_not("PKCS11:token=present;pin-value=1") == hsm::trouble::uri_refused);
}

TEST_CASE("of two tokens of one label none is chosen", "[token]") {
  make_token("twin");
  make_token("twin");
  const auto why = why_not("twin");
  CHECK(why == hsm::trouble::token_ambiguous);
  CHECK(says(why, "serial="));
  CHECK(why_not("pkcs11:token=twin") == hsm::trouble::token_ambiguous);
}

TEST_CASE("keys are found by label, id and URI, and listed", "[token]") {
  logged_in in{"keys"};
  const auto& token = in.token;
  const auto a = token.generate(hsm::key_type::p256, "a").value();
  const auto b = token.generate(hsm::key_type::p384, "b;c").value();
  CHECK(token.find("a").value().public_key() == a.public_key());
  CHECK(token.find_id(b.id()).value().label() == "b;c");
  CHECK(token.find(hsm::uri::parse(b.uri()).value()).value().public_key() == b.public_key());
  CHECK(token.keys().value().size() == 2);
  CHECK(find_token(a.uri()).info().serial == token.info().serial);

  const auto none = token.find("z");
  REQUIRE(!none);
  CHECK(none.error() == hsm::trouble::key_not_found);
  CHECK(says(none.error(), "'a'"));
  CHECK(says(none.error(), "'b;c'"));
  const auto empty = token.find(hsm::uri::parse("pkcs11:token=keys").value());
  CHECK((!empty && empty.error() == hsm::trouble::bad_uri));

  // With one key left, a name that says nothing must still not find it.
  REQUIRE(token.destroy(b));
  CHECK(token.find("").error() == hsm::trouble::key_not_found);
  CHECK(token.find_id({}).error() == hsm::trouble::key_not_found);
  CHECK(!token.find(hsm::uri::parse("pkcs11:object=").value()));
  CHECK(!token.find(hsm::uri::parse("pkcs11:id=").value()));

  REQUIRE(token.destroy(a));
  CHECK(token.find("a").error() == hsm::trouble::key_not_found);
  CHECK(token.destroy(a).error() == hsm::trouble::key_not_found);
  CHECK(token.keys().value().empty());
}

TEST_CASE("without a login there are no keys, and the message says why", "[token]") {
  make_token("closed");
  const auto token = find_token("closed");
  CHECK(token.find("a").error() == hsm::trouble::not_logged_in);
  CHECK(token.keys().error() == hsm::trouble::not_logged_in);
  CHECK(token.generate(hsm::key_type::p256, "a").error() == condition::operator_needed);
}

#include "hsm/uri.hpp"
#include "fixture.hpp"

using namespace sealring;
using namespace sealring::test;

namespace {

bool refused(std::string_view text, hsm::trouble why) {
  const auto parsed = hsm::uri::parse(text);
  INFO(text);
  INFO(message_of(parsed));
  CHECK(message_of(parsed).find("1234") == std::string::npos);  // no message repeats a PIN
  return !parsed && parsed.error() == why;
}

}  // namespace

TEST_CASE("what a PKCS#11 URI must not hold is refused before it is parsed", "[uri]") {
  using hsm::trouble;
  CHECK(refused("pkcs11:token=a;pin-value=1234", trouble::uri_refused));
  CHECK(refused("pkcs11:token=a?pin-value=1234", trouble::uri_refused));
  CHECK(refused("pkcs11:token=a?pin-source=|/bin/cat", trouble::uri_refused));
  CHECK(refused("pkcs11:token=a?pin-source=%7C/bin/cat", trouble::uri_refused));
  CHECK(refused("pkcs11:token=a;token=b", trouble::uri_refused));
  CHECK(refused("pkcs11:token=a?module-name=a&module-name=b", trouble::uri_refused));
  CHECK(refused("pkcs11:token=a;module-path=/lib/x.so", trouble::uri_refused));
  CHECK(refused("pkcs11:token=a?object=k", trouble::uri_refused));
  CHECK(refused("pkcs11:token=a;x-vendor=1", trouble::uri_refused));
  CHECK(refused("pkcs11:token=a;pin%2dvalue=1234", trouble::bad_uri));
}

TEST_CASE("what is no PKCS#11 URI is refused", "[uri]") {
  for (const auto* text :
       {"", "pkcs11", "file:a", "pkcs11:token", "pkcs11:=a", "pkcs11:token=a;", "pkcs11:token=%4", "pkcs11:id=%zz",
        "pkcs11:token=a b", "pkcs11:token=\xc3\xa4", "pkcs11:token=%00", "pkcs11:;token=a", "pkcs11:type=banana",
        "pkcs11:token=a#b", "pkcs11:token=a\nb", "pkcs11:library-version=x", "pkcs11:slot-id=-1x"}) {
    INFO(text);
    CHECK(!hsm::uri::parse(text));
  }
  CHECK(!hsm::uri::parse("pkcs11:object=" + std::string(5000, 'a')));
}

TEST_CASE("attributes are read as RFC 7512 means them", "[uri]") {
  const auto id = [](std::string_view text) { return hsm::uri::parse(text).value().id().value(); };
  CHECK(id("pkcs11:id=%0a%10") == bytes{0x0a, 0x10});
  CHECK(id("pkcs11:id=0a10") == bytes{'0', 'a', '1', '0'});  // text, not hexadecimal
  CHECK(id("pkcs11:id=%6deb45") == bytes{'m', 'e', 'b', '4', '5'});
  CHECK(id("pkcs11:id=%00%01") == bytes{0, 1});
  CHECK(id("pkcs11:id=" + std::string(300, 'x')).size() == 300);
  CHECK(hsm::uri::parse("pkcs11:object=a+b=c&d").value().object() == "a+b=c&d");
  CHECK(hsm::uri::parse("PKCS11:object=a").value().object() == "a");
  CHECK(hsm::uri::parse("pkcs11:object=k;type=private").value().type() == CK_OBJECT_CLASS{CKO_PRIVATE_KEY});
  const auto query = hsm::uri::parse("pkcs11:token=a?pin-source=file:/etc/pin&module-path=/lib/x.so").value();
  CHECK(query.pin_source() == "file:/etc/pin");
  CHECK(query.module_path() == "/lib/x.so");
  CHECK(!query.object());
  CHECK(!query.id());
}

TEST_CASE("what is formatted is read again, whatever is in it", "[uri]") {
  const bytes id{0x00, 0xff, '%', ';', 0x0a};
  const std::string label = "a;b=c?d&e%41 |\xc3\xa4";
  const auto text = hsm::format_uri("tok;en", "12 3", id, label);
  CHECK(text ==
        "pkcs11:token=tok%3Ben;serial=12%203;id=%00%FF%25%3B%0A;"
        "object=a%3Bb%3Dc%3Fd%26e%2541%20%7C%C3%A4;type=private");
  const auto parsed = hsm::uri::parse(text).value();
  CHECK(parsed.id() == id);
  CHECK(parsed.object() == label);
}

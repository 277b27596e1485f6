#include "sealring/x509/identifier.hpp"
#include "unit/support.hpp"

namespace sealring::test {

TEST_CASE("identifier: names as a certificate carries them", "[x509/identifier]") {
  const std::string label63(63, 'a');
  const std::string longest = label63 + '.' + label63 + '.' + label63 + '.' + std::string(61, 'b');
  REQUIRE(longest.size() == 253);
  const std::pair<std::string, std::string> table[] = {
      {"example.com", "example.com"},
      {"WWW.Example.COM", "www.example.com"},
      {"*.example.com", "*.example.com"},
      {"localhost", "localhost"},
      {"a-b.3.c4", "a-b.3.c4"},
      {"xn--bcher-kva.example", "xn--bcher-kva.example"},
      {"1.2.3.4.in-addr.arpa", "1.2.3.4.in-addr.arpa"},
      {"10.0.0.1a", "10.0.0.1a"},
      {longest, longest},
  };
  for (const auto& [text, canonical] : table) {
    INFO(text);
    CHECK(must(parse_identifier(text)) == identifier{identifier::type::dns, canonical});
  }
  CHECK(must(parse_identifier("*.example.com")).wildcard());
  CHECK_FALSE(must(parse_identifier("example.com")).wildcard());
}

TEST_CASE("identifier: addresses, in the text form of RFC 5952", "[x509/identifier]") {
  const std::pair<const char*, const char*> table[] = {
      {"192.0.2.1", "192.0.2.1"},
      {"255.255.255.255", "255.255.255.255"},
      {"2001:db8::1", "2001:db8::1"},
      {"2001:0DB8:0000:0000:0000:0000:0000:0001", "2001:db8::1"},  // section 4.1, 4.3
      {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},               // 4.2.3: the first of two equal runs
      {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},                     // 4.2.3: the longest run
      {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},            // 4.2.2: not one field alone
      {"::", "::"},
      {"::1", "::1"},
      {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},  // section 5
      {"::FFFF:C000:0201", "::ffff:192.0.2.1"},
  };
  for (const auto& [text, canonical] : table) {
    INFO(text);
    const auto id = must(parse_identifier(text));
    CHECK(id == identifier{identifier::type::ip, canonical});
    CHECK_FALSE(id.wildcard());
    CHECK(must(ip_identifier(ip_octets(id))) == id);
  }
  CHECK(ip_octets(must(parse_identifier("192.0.2.1"))) == unhex("c0000201"));
  CHECK(ip_octets(must(parse_identifier("2001:db8::1"))) == unhex("20010db8000000000000000000000001"));
}

TEST_CASE("identifier: what no certificate can carry is refused", "[x509/identifier]") {
  using namespace std::string_literals;
  const std::string label64(64, 'a'), label63(63, 'a');
  for (const std::string& text : {""s,
                                  "."s,
                                  "example.com."s,
                                  ".example.com"s,
                                  "example..com"s,
                                  " example.com"s,
                                  "example.com "s,
                                  "exam ple.com"s,
                                  "-a.example"s,
                                  "a-.example"s,
                                  "a_b.example"s,
                                  "b\u00fccher.example"s,
                                  "example.com:443"s,
                                  "https://example.com"s,
                                  "a@example.com"s,
                                  "*"s,
                                  "*."s,
                                  "**.example.com"s,
                                  "*.*.example.com"s,
                                  "www.*.com"s,
                                  "w*.example.com"s,
                                  "*.192.0.2.1"s,
                                  "10.0.0.256"s,
                                  "10.0.0"s,
                                  "010.0.0.1"s,
                                  "1.2.3.4.5"s,
                                  "12345"s,
                                  "a.1"s,
                                  "192.0.2.0/24"s,
                                  "[2001:db8::1]"s,
                                  "2001:db8::1%eth0"s,
                                  "2001:db8"s,
                                  ":::"s,
                                  "1:2:3:4:5:6:7:8:9"s,
                                  "2001:db8::g"s,
                                  "example.com\0.evil"s,
                                  "192.0.2.1\0"s,
                                  "2001:db8::1\0x"s,
                                  "example.com\n"s,
                                  label64 + ".example",
                                  label63 + '.' + label63 + '.' + label63 + '.' + std::string(62, 'b')}) {
    INFO(text);
    CHECK(refusal(parse_identifier(text)) == errc::bad_name);
  }
}

TEST_CASE("identifier: a DNS name has no octets, nor has an address that is none", "[x509/identifier]") {
  CHECK(ip_octets({identifier::type::dns, "192.0.2.1"}).empty());
  CHECK(ip_octets({identifier::type::ip, "example.com"}).empty());
  CHECK(ip_octets({identifier::type::ip, ""}).empty());
  for (const std::size_t size : {0U, 3U, 5U, 15U, 17U}) CHECK(refusal(ip_identifier(bytes(size))) == errc::bad_length);
}

TEST_CASE("identifier: the ACME registry's names", "[x509/identifier]") {
  CHECK(name(identifier::type::dns) == "dns");
  CHECK(name(identifier::type::ip) == "ip");
  CHECK(type_name({identifier::type::ip, "192.0.2.1"}) == "ip");
  CHECK(type_name({identifier::type::other, "serial", "permanent-identifier"}) == "permanent-identifier");
}

}  // namespace sealring::test

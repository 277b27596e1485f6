#include "agent/domain.hpp"

#include "agent/scratch.hpp"

#include <utility>

using sealring::agent::check_name;
using sealring::agent::parse_domain;
using sealring::test::outcome;

TEST_CASE("a domain is taken in lower case, an address in its canonical text", "[domain]") {
  CHECK(parse_domain("WWW.Example.COM").value() == "www.example.com");
  CHECK(parse_domain("*.example.com").value() == "*.example.com");
  CHECK(parse_domain("localhost").value() == "localhost");
  CHECK(parse_domain("2001:DB8:0::1").value() == "2001:db8::1");
  CHECK(parse_domain("192.0.2.1").value() == "192.0.2.1");
}

TEST_CASE("each refused domain says why", "[domain]") {
  const std::string long_label(64, 'a');
  const auto [domain, reason] = GENERATE_COPY(table<std::string, std::string>({
      {"", "it is empty"},
      {"https://example.com/", "without a scheme or path"},
      {"ops@example.com", "without a user"},
      {"example.com:443", "without a port"},
      {"www.*.example.com", "a wildcard is"},
      {"a_b.example.com", "underscore"},
      {"example.com.", "leave out the dot"},
      {"bücher.example", "xn--"},
      {"10.0.0.256", "its last part is a number"},
      {"a..example", "each part between dots"},
      {"-a.example", "each part between dots"},
      {long_label + ".example", "1 to 63"},
      {long_label + '.' + long_label + '.' + long_label + '.' + long_label, "more than 253"},
  }));
  CAPTURE(domain);
  const auto refused = parse_domain(domain);
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == sealring::condition::bad_input);
  CHECK_THAT(refused.error().what, Catch::Contains(reason));
  CHECK(refused.error().what.find('\n') == std::string::npos);
}

TEST_CASE("a name is a plain file name", "[domain]") {
  for (const auto* good : {"example.com", "a", "web_1-b"}) CHECK(outcome(check_name(good)) == "");
  for (const auto* bad : {"", ".hidden", "..", "a/b", "a b", "a\nb", "é"})
    CHECK_THAT(outcome(check_name(bad)), Catch::Contains("cannot be a name"));
  CHECK(check_name(std::string(129, 'a')).has_error());
}

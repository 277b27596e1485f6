#include "agent/manager/solver/dns_lookup.hpp"

#include "agent/manager/solver/dns_place.hpp"
#include "agent/scratch.hpp"

#include <map>

using namespace sealring;
using namespace sealring::agent;
using namespace sealring::test;
using Catch::Contains;

namespace {

struct scripted_dns {
  std::map<std::string, std::string> cnames;
  std::vector<std::string> zones;

  dns_asker asker() const {
    return [this](const std::string& name, dns_type type) -> agent::result<dns_answer> {
      dns_answer a;
      if (const auto found = cnames.find(name); type == dns_type::cname && found != cnames.end())
        a.answer.push_back({name, dns_type::cname, found->second, {}});
      for (const auto& zone : zones)
        if (type == dns_type::soa && is_below(name, zone)) {
          (name == zone ? a.answer : a.authority) = {{zone, dns_type::soa, {}, {}}};
          break;
        }
      return a;
    };
  }
};

challenge_task task_for(std::string name, challenge_type type = challenge_type::dns01) {
  return {"web", {identifier::type::dns, std::move(name)}, type, "token", "token.thumbprint", "https://ca.example/acct/1"};
}

}  // namespace

TEST_CASE("addresses as the operator writes them", "[dns_lookup]") {
  CHECK(parse_endpoint("192.0.2.1", 53)->text() == "192.0.2.1:53");
  CHECK(parse_endpoint("192.0.2.1:5353", 53)->text() == "192.0.2.1:5353");
  CHECK(parse_endpoint("2001:db8::1", 53)->text() == "[2001:db8::1]:53");
  CHECK(parse_endpoint("[2001:db8::1]:5353", 53)->text() == "[2001:db8::1]:5353");
  for (const auto* bad :
       {"", "ns.example", "192.0.2.1:", "192.0.2.1:x", "192.0.2.1:0", "192.0.2.1:70000", "[::1]", "1::2::3:53"}) {
    CAPTURE(bad);
    CHECK_THAT(outcome(parse_endpoint(bad, 53)), Contains("is no address"));
  }
}

TEST_CASE("names below a zone", "[dns_lookup]") {
  CHECK(is_below("a.example.test", "example.test"));
  CHECK(is_below("example.test", "example.test"));
  CHECK_FALSE(is_below("badexample.test", "example.test"));
  CHECK_FALSE(is_below("test", "example.test"));
}

TEST_CASE("CNAMEs are followed, but not for ever", "[dns_lookup]") {
  scripted_dns dns;
  dns.cnames = {{"a.test", "b.test"}, {"b.test", "c.test"}, {"x.test", "y.test"}, {"y.test", "x.test"}};
  CHECK(*follow_cnames("a.test", dns.asker()) == "c.test");
  CHECK(*follow_cnames("c.test", dns.asker()) == "c.test");
  CHECK_THAT(outcome(follow_cnames("x.test", dns.asker())), Contains("break the loop"));
  for (int n = 0; n < 9; ++n) dns.cnames[std::to_string(n) + ".test"] = std::to_string(n + 1) + ".test";
  CHECK(*follow_cnames("1.test", dns.asker()) == "9.test");
  CHECK_THAT(outcome(follow_cnames("0.test", dns.asker())), Contains("more than 8 CNAME"));
}

TEST_CASE("the nearest zone has a name", "[dns_lookup]") {
  scripted_dns dns;
  dns.zones = {"sub.example.test", "example.test"};
  CHECK(*zone_of("_acme-challenge.www.example.test", dns.asker()) == "example.test");
  CHECK(*zone_of("_acme-challenge.sub.example.test", dns.asker()) == "sub.example.test");
  CHECK_THAT(outcome(zone_of("other.invalid", dns.asker())), Contains("no zone has the name"));
}

TEST_CASE("records have their RFC's name, made where a CNAME leads", "[dns_lookup]") {
  scripted_dns dns;
  dns.cnames["_acme-challenge.www.example.test"] = "www.acme.example.test";
  const auto place = find_place(task_for("www.example.test"), dns.asker());
  REQUIRE(outcome(place) == "");
  CHECK(place->name == "_acme-challenge.www.example.test");
  CHECK(place->made == "www.acme.example.test");
  CHECK(place->value.size() == 43);
  const auto own = place_of(task_for("www.example.test", challenge_type::dns_account01));
  REQUIRE(outcome(own) == "");
  CHECK_THAT(own->name, Catch::EndsWith("._acme-challenge.www.example.test") && Catch::StartsWith("_"));
  CHECK(own->name.size() == 17 + sizeof "._acme-challenge.www.example.test" - 1);

  const dns_asker nobody = [](const std::string&, dns_type) { return agent::fail(condition::retry_later, "nobody answers"); };
  CHECK(find_place(task_for("www.example.test"), nobody)->made == "_acme-challenge.www.example.test");
}

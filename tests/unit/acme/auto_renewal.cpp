#include "sealring/acme/auto_renewal.hpp"

#include "unit/acme/scripted_ca.hpp"

namespace sealring::test {

namespace {

using namespace std::chrono;

auto renewal_of(const std::string& text) { return acme::to_auto_renewal(acme::parse_object(text).value()); }

}  // namespace

TEST_CASE("auto_renewal: the example of RFC 8739 section 3.5.1", "[auto_renewal]") {
  const std::string sent =
      R"({"start-date":"2016-01-10T00:00:00Z","end-date":"2016-01-20T00:00:00Z","lifetime":345600,"lifetime-adjust":259200})";
  const auto a = renewal_of(sent);
  REQUIRE(a);
  CHECK(a->start_date == sys_days{2016y / 1 / 10});
  CHECK(a->end_date == sys_days{2016y / 1 / 20});
  CHECK(a->lifetime == days{4});
  CHECK(a->lifetime_adjust == days{3});
  CHECK_FALSE(a->allow_certificate_get);
  CHECK(acme::json::serialize(to_json(*a)) == sent);
  const acme::auto_renewal open{sys_days{2017y / 1 / 1}, hours{24}, {}, seconds{0}, true};
  CHECK(acme::json::serialize(to_json(open)) ==
        R"({"end-date":"2017-01-01T00:00:00Z","lifetime":86400,"allow-certificate-get":true})");
  CHECK(renewal_of(acme::json::serialize(to_json(open))) == open);
}

TEST_CASE("auto_renewal: what it does not know stays in what is written anew", "[auto_renewal]") {
  const auto sent = acme::parse_object(R"({"start-date":"2016-01-10T00:00:00Z","end-date":"2016-01-20T00:00:00Z","lifetime":1,
      "lifetime-adjust":2,"allow-certificate-get":true,"more":{"x":1}})")
                        .value();
  const acme::auto_renewal changed{sys_days{2017y / 1 / 1}, hours{24}};
  CHECK(to_json(changed, sent) == acme::parse_object(R"({"end-date":"2017-01-01T00:00:00Z","lifetime":86400,
      "lifetime-adjust":0,"allow-certificate-get":false,"more":{"x":1}})")
                                      .value());
}

TEST_CASE("auto_renewal: one that is not whole is none", "[auto_renewal]") {
  for (const char* text :
       {"{}", R"({"end-date":"2016-01-20T00:00:00Z"})", R"({"lifetime":1})", R"({"end-date":"soon","lifetime":1})",
        R"({"end-date":"2016-01-20T00:00:00Z","lifetime":-1})", R"({"end-date":"2016-01-20T00:00:00Z","lifetime":"1"})",
        R"({"end-date":"2016-01-20T00:00:00Z","lifetime":18446744073709551615})",
        R"({"end-date":"2016-01-20T00:00:00Z","lifetime":1,"start-date":"soon"})",
        R"({"end-date":"2016-01-20T00:00:00Z","lifetime":1,"lifetime-adjust":1.5})"}) {
    CAPTURE(text);
    CHECK_FALSE(renewal_of(text));
  }
  for (const char* text : {"{}", R"({"min-lifetime":1})", R"({"max-duration":1})", R"({"min-lifetime":1,"max-duration":true})"})
    CHECK_FALSE(acme::to_auto_renewal_limits(acme::parse_object(text).value()));
}

}  // namespace sealring::test

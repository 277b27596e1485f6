#include "sealring/acme/caa.hpp"

#include "unit/acme/scripted_ca.hpp"

namespace sealring::test {

namespace {

using Catch::Contains;
using caa_records = std::vector<acme::caa_record>;

const std::vector<std::string> identities_of_ca{"ca.example"};
const std::string account_of_ca = "https://ca.example/acct/1";

/// Empty where the CA may issue.
std::string caa_verdict(const caa_records& all, const std::string& method = "http-01", bool wildcard = false,
                        std::span<const std::string> identities = identities_of_ca) {
  const auto checked = acme::check_caa(all, {identities, account_of_ca, method, wildcard});
  if (!checked) CHECK(checked.error().code == condition::operator_needed);
  return checked ? std::string{} : checked.error().what;
}

acme::caa_record issue_record(std::string value) { return {0, "issue", std::move(value)}; }

std::vector<std::string> texts(const caa_records& all) {
  std::vector<std::string> out;
  for (const acme::caa_record& r : all) out.push_back(to_text(r));
  return out;
}

}  // namespace

TEST_CASE("caa: who may issue", "[caa]") {
  CHECK(caa_verdict({}).empty());
  CHECK(caa_verdict({issue_record("ca.example")}).empty());
  CHECK(caa_verdict({issue_record(" CA.Example ; x=y")}).empty());
  CHECK(caa_verdict({issue_record("other.example"), {0, "ISSUE", "ca.example"}}).empty());
  CHECK(caa_verdict({{0, "iodef", "mailto:a@b.example"}}).empty());
  CHECK_THAT(caa_verdict({issue_record("other.example")}),
             Contains("it is for \"other.example\"") && Contains("value \"ca.example\""));
  // the example of RFC 8659 section 4.2: malformed, and so for nobody
  for (const char* nobody : {";", "", "ca.example; no parameter", "%%%%%"})
    CHECK_THAT(caa_verdict({issue_record(nobody)}), Contains("lets no CA issue"));
}

TEST_CASE("caa: wildcards have a property of their own", "[caa]") {
  const caa_records both{issue_record("ca.example"), {0, "issuewild", "other.example"}};
  CHECK(caa_verdict(both).empty());
  CHECK_THAT(caa_verdict(both, "dns-01", true), Contains("no issuewild record"));
  CHECK(caa_verdict({issue_record("ca.example")}, "dns-01", true).empty());
  CHECK(caa_verdict({{0, "issuewild", ";"}}).empty());
  CHECK(caa_verdict({issue_record(";"), {0, "issuewild", "ca.example"}}, "dns-01", true).empty());
}

TEST_CASE("caa: accounts and methods", "[caa]") {
  CHECK(caa_verdict({issue_record("ca.example; accounturi=https://ca.example/acct/1; validationmethods=dns-01,http-01")})
            .empty());
  CHECK_THAT(caa_verdict({issue_record("ca.example; accounturi=https://ca.example/acct/2")}), Contains("another account"));
  CHECK_THAT(caa_verdict({issue_record("ca.example; validationmethods=dns-01")}), Contains("other methods"));
  CHECK_THAT(caa_verdict({issue_record("ca.example; validationmethods=http-011,xhttp-01")}), Contains("other methods"));
  CHECK_THAT(caa_verdict({issue_record("ca.example; validationmethods=")}), Contains("other methods"));
  CHECK_THAT(caa_verdict({issue_record("ca.example; accounturi=https://ca.example/acct/1; accounturi=x")}),
             Contains("another account"));
  CHECK_THAT(caa_verdict({issue_record("ca.example; validationmethods=http-01; validationmethods=http-01")}),
             Contains("other methods"));
}

TEST_CASE("caa: what is critical and unknown forbids", "[caa]") {
  CHECK(caa_verdict({issue_record("ca.example"), {0, "future", "x"}}).empty());
  CHECK(caa_verdict({{128, "issue", "ca.example"}}).empty());
  CHECK_THAT(caa_verdict({issue_record("ca.example"), {128, "future", "x"}}), Contains("\"future\" is marked critical"));
}

TEST_CASE("caa: a CA that does not tell its names is not judged by them", "[caa]") {
  CHECK(caa_verdict({issue_record("other.example")}, "http-01", false, {}).empty());
  CHECK_THAT(caa_verdict({issue_record(";")}, "http-01", false, {}),
             Contains("lets no CA issue") && Contains("\"the CA's name\""));
}

TEST_CASE("caa: where records are looked for", "[caa]") {
  CHECK(acme::caa_names("x.y.example.com") ==
        std::vector<std::string>{"x.y.example.com", "y.example.com", "example.com", "com"});
  CHECK(acme::caa_names("").empty());
  CHECK(acme::caa_names("a.") == std::vector<std::string>{"a."});
}

TEST_CASE("caa: whatever stands in the DNS is printed", "[caa]") {
  CHECK(to_text(acme::caa_record{128, "issue", "a\"b\\c\n\xff"}) == R"(128 issue "a\"b\\c\010\255")");
  CHECK(to_text(acme::caa_record{0, "no tag", ""}) == R"(0 "no tag" "")");
  CHECK_THAT(caa_verdict({issue_record("a\x1b[31m")}), Contains(R"("a\027[31m")"));
}

TEST_CASE("caa: the records that let one account issue, by the methods that it uses", "[caa]") {
  const acme::caa_issuer ours_alone{"ca.example", account_of_ca, {"dns-01", "http-01"}};
  const auto made = must(acme::make_caa(std::vector{ours_alone}, "mailto:security@example.com"));
  CHECK(texts(made) == std::vector<std::string>{
                           R"(0 issue "ca.example; accounturi=https://ca.example/acct/1; validationmethods=dns-01,http-01")",
                           R"(0 iodef "mailto:security@example.com")"});
  CHECK(caa_verdict(made).empty());
  CHECK(caa_verdict(made, "dns-01", true).empty());
  CHECK_THAT(caa_verdict(made, "tls-alpn-01"), Contains("other methods"));
}

TEST_CASE("caa: names by one CA, wildcards by another; and by nobody", "[caa]") {
  const std::vector<acme::caa_issuer> split{{.issuer = "a.example", .for_wildcards = false},
                                            {.issuer = "b.example", .for_names = false}};
  CHECK(texts(must(acme::make_caa(split))) == std::vector<std::string>{R"(0 issue "a.example")", R"(0 issuewild "b.example")"});
  const std::vector<acme::caa_issuer> no_wildcards{{.issuer = "a.example", .for_wildcards = false}};
  CHECK(texts(must(acme::make_caa(no_wildcards))) == std::vector<std::string>{R"(0 issue "a.example")", R"(0 issuewild ";")"});
  CHECK(texts(must(acme::make_caa({}))) == std::vector<std::string>{R"(0 issue ";")"});
}

TEST_CASE("caa: what no record can say is not written", "[caa]") {
  for (const acme::caa_issuer& one :
       {acme::caa_issuer{""}, acme::caa_issuer{"ca example"}, acme::caa_issuer{"ca.example", "https://ca/1; x=y"},
        acme::caa_issuer{"ca.example", "acct/1"}, acme::caa_issuer{"ca.example", "https://ca/\xc3\xbc"},
        acme::caa_issuer{"ca.example", "", {"dns-01,http-01"}}})
    CHECK(refusal(acme::make_caa(std::vector{one})) == sealring::errc::bad_name);
  for (const char* contact :
       {"security@example.com", "mailto:", "ftp://example.com/", "https://example.com/ x", "mailto:a@b\n"})
    CHECK(refusal(acme::make_caa({}, contact)) == sealring::errc::bad_name);
  CHECK(acme::make_caa({}, "HTTPS://example.com/iodef"));
}

}  // namespace sealring::test

#include "sealring/acme/revocation_status.hpp"

#include "unit/x509/publish.hpp"

#include <map>

namespace sealring::test {
namespace {

using verdict = acme::revocation_status::verdict;

constexpr x509::time_point noon = std::chrono::sys_days{std::chrono::year{2026} / 6 / 2} + std::chrono::hours{12};

/// A web of a few files and redirections.
struct small_web {
  std::map<std::string, http::response> pages;
  std::vector<http::request> asked = {};

  acme::result<http::response> perform(const http::request& r) {
    asked.push_back(r);
    if (const auto page = pages.find(r.url); page != pages.end()) return page->second;
    return acme::failure{make_error_code(acme::errc::transport), r.url + ": nobody there"};
  }
};
static_assert(http::client<small_web>);

http::response page(const revocation_list& list) { return {200, {}, std::string{as_text(publish(list))}}; }
http::response redirection_to(const std::string& to) { return {302, {{"Location", to}}, {}}; }

const x509::certificate& publisher() {
  static const auto one = issue({.subject = "ca", .issuer = "ca", .extensions = ca_extensions});
  return one;
}

/// Of serial 00ab, with these distribution points.
x509::certificate leaf_naming(const std::string& urls) {
  const std::string points = urls.empty() ? "" : "crlDistributionPoints=" + urls;
  return issue({.issuer = "ca", .serial = "00ab", .extensions = points, .key = evp_of<es384>()});
}

acme::revocation_status status_of(small_web& web, const std::string& urls = "URI:http://c.example/1.crl") {
  auto status = acme::check_revocation(web, leaf_naming(urls), publisher(), noon);
  demand_clean_queue();
  return status;
}

}  // namespace

TEST_CASE("revocation: good or revoked, by the list that the certificate names", "[revocation_status]") {
  small_web web{{{"http://c.example/1.crl", page({.entries = {{"01"}}})}}};
  const auto good = status_of(web);
  CHECK(good.is == verdict::good);
  CHECK(good.why.empty());
  REQUIRE(web.asked.size() == 1);
  CHECK(web.asked[0].plain);
  CHECK_FALSE(web.asked[0].user_agent.empty());
  CHECK(web.asked[0].max_body > 0);

  web.pages["http://c.example/1.crl"] = page({.entries = {{"ab", "CRLReason=DER:0a0101"}}});
  const auto revoked = status_of(web);
  CHECK(revoked.is == verdict::revoked);
  CHECK(revoked.revocation == x509::revocation{1, std::chrono::sys_days{std::chrono::year{2026} / 6 / 1}});
}

TEST_CASE("revocation: doubt is never good", "[revocation_status]") {
  const std::string url = "http://c.example/1.crl";
  const std::pair<http::response, std::string> doubtful[] = {
      {{404, {}, {}}, ": HTTP status 404"},
      {{200, {}, "not a list"}, ": the PEM block that was expected is not there"},
      {page({.key = evp_of<es512>()}), ": the signature does not verify"},
      {page({.issuer = "another"}), ": not a CRL of the certificate's issuer"},
      {page({.next_update = "20260602000000Z"}), ": the CRL is not of the present time"},
      {page({.extensions = "issuingDistributionPoint=critical,@s\n[s]\nonlyCA=TRUE"}),
       ": the CRL does not cover the certificate"},
  };
  for (const auto& [response, why] : doubtful) {
    small_web web{{{url, response}}};
    const auto status = status_of(web);
    CHECK(status.is == verdict::unknown);
    CHECK(status.why == url + why);
  }
  small_web empty;
  CHECK(status_of(empty).why == url + ": nobody there");
  CHECK(status_of(empty, "").why == "the certificate names no CRL");

  const auto stranger = issue({.subject = "ca", .issuer = "ca", .extensions = ca_extensions, .key = evp_of<es512>()});
  CHECK(acme::check_revocation(empty, leaf_naming("URI:" + url), stranger, noon).why ==
        "the certificate is not of this issuer");
  CHECK(empty.asked.size() == 1);  // nobody is asked for a list of a stranger's
}

TEST_CASE("revocation: the next URL is asked where the first does not tell", "[revocation_status]") {
  small_web web{{{"http://c.example/2.crl", page({.entries = {{"ab"}}})}}};
  const auto status = status_of(web, "URI:http://c.example/1.crl,URI:http://c.example/2.crl");
  CHECK(status.is == verdict::revoked);
  CHECK(status.why == "http://c.example/1.crl: nobody there");
}

TEST_CASE("revocation: a few redirections are followed, by http and https alone", "[revocation_status]") {
  small_web web{{{"http://c.example/1.crl", redirection_to("/a")},
                 {"http://c.example/a", redirection_to("https://d.example/b")},
                 {"https://d.example/b", page({})}}};
  CHECK(status_of(web).is == verdict::good);
  web.pages["https://d.example/b"] = redirection_to("file:///etc/passwd");
  CHECK(status_of(web).why == "file:///etc/passwd: the redirection to it is not followed");
  web.pages["https://d.example/b"] = redirection_to("http://c.example/1.crl");
  web.asked.clear();
  CHECK(status_of(web).is == verdict::unknown);
  CHECK(web.asked.size() == 4);
  web.pages["http://c.example/1.crl"] = {302, {}, {}};
  CHECK(status_of(web).why == "http://c.example/1.crl: HTTP status 302");
}

}  // namespace sealring::test

#include "sealring/acme/dns_persist.hpp"

#include "unit/acme/scripted_ca.hpp"

namespace sealring::test {

namespace {

using Catch::Contains;
using namespace std::chrono;
using acme::dns_persist_draft;

// draft-ietf-acme-dns-persist-02 section 10.2
const std::string account_url = "https://ca.example/acct/123";
const acme::dns_persist_account hashed{dns_persist_draft::v02, account_url, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
                                       "https://ca.example/account-hash/"};
const std::string hashed_uri = "https://ca.example/account-hash/sha-256/5SQm7n6tPh2-PlLbCKGnViTXX5z19SCN4cPGQHSk-kw";
const acme::dns_persist_account in_the_clear{dns_persist_draft::v01, account_url};

/// What is wrong with these records; empty where one will do.
std::string record_verdict(const std::vector<std::string>& texts, bool wildcard = false) {
  const std::vector<std::string> issuers{"authority.example", "ca.example.net"};
  const std::vector<std::string> uris{account_url};
  const auto found = acme::check_dns_persist(texts, {issuers, uris, wildcard, sys_days{2026y / 1 / 1}});
  if (!found) CHECK(found.error().code == condition::operator_needed);
  return found ? std::string{} : found.error().what;
}

acme::challenge challenge_with(std::vector<std::string> names) {
  return {.type = "dns-persist-01", .url = {}, .status = {}, .token = {}, .error = {}, .issuer_domain_names = std::move(names)};
}

acme::directory directory_of(dns_persist_draft draft) {
  acme::directory d{};
  if (draft == dns_persist_draft::v02) d.account_hash_prefix = "https://ca.example/account-hash/";
  return d;
}

std::string fault(const acme::challenge& c, const acme::directory& d) {
  const auto checked = acme::check_dns_persist_challenge(c, d);
  return checked ? std::string{} : checked.error().what;
}

}  // namespace

TEST_CASE("dns_persist: the examples of the drafts", "[dns_persist]") {
  CHECK(acme::dns_persist_name("example.com") == "_validation-persist.example.com");
  CHECK(must(acme::dns_persist_account_uris(in_the_clear, "example.com")) == std::vector{account_url});
  CHECK(must(to_text(acme::dns_persist_record{"authority.example", account_url})) ==
        "authority.example; accounturi=https://ca.example/acct/123");

  const auto uris = must(acme::dns_persist_account_uris(hashed, "example.com"));
  CHECK(uris == std::vector<std::string>{
                    hashed_uri, "https://ca.example/account-hash/sha-256/NpDnSwUthQK8zCgFdefYxAdAVPnygMLbs9US6oO-5ug"});
  CHECK(must(acme::dns_persist_account_uris(hashed, "Example.COM")) == uris);
  CHECK(must(acme::dns_persist_account_uris(hashed, "www.example.com")).front() != hashed_uri);
  const acme::dns_persist_record both{"ca1.example", "https://ca1.example/acme/acct/12345", true,
                                      sys_seconds{seconds{1767225600}}};
  CHECK(must(to_text(both)) ==
        "ca1.example; accounturi=https://ca1.example/acme/acct/12345; policy=wildcard; persistUntil=1767225600");
}

TEST_CASE("dns_persist: what cannot be a record is not made", "[dns_persist]") {
  for (const char* domain : {"", "*.example.com", "192.0.2.1", "a b", "example.com."})
    CHECK(refusal(acme::dns_persist_account_uris(hashed, domain)) == sealring::errc::bad_name);
  for (const acme::dns_persist_account& lacking :
       {acme::dns_persist_account{dns_persist_draft::v01, ""},
        acme::dns_persist_account{dns_persist_draft::v02, account_url, hashed.thumbprint},
        acme::dns_persist_account{dns_persist_draft::v02, account_url, "short", hashed.hash_prefix}})
    CHECK(refusal(acme::dns_persist_account_uris(lacking, "example.com")) == sealring::errc::bad_name);
  for (const acme::dns_persist_record& r :
       {acme::dns_persist_record{"", account_url}, acme::dns_persist_record{"ca.example", ""},
        acme::dns_persist_record{"ca.example", "https://ca/1; policy=wildcard"}})
    CHECK(refusal(to_text(r)) == sealring::errc::bad_name);
}

TEST_CASE("dns_persist: a record is cut into strings of 255 octets", "[dns_persist]") {
  const std::string text = "ca.example; accounturi=https://ca.example/" + std::string(500, 'a');
  const auto strings = acme::character_strings(text);
  REQUIRE(strings.size() == 3);
  CHECK(strings[0].size() == 255);
  CHECK(strings[1].size() == 255);
  CHECK(strings[0] + strings[1] + strings[2] == text);
  CHECK(acme::character_strings("").empty());
  CHECK(acme::character_strings(std::string(255, 'a')).size() == 1);
}

TEST_CASE("dns_persist: a record is read as a CA reads it", "[dns_persist]") {
  const auto r = acme::parse_dns_persist(
      "CA.Example ;AccountURI = https://ca.example/acct/123;POLICY=WildCard; persistuntil=1767225600; later=x");
  REQUIRE(r);
  CHECK(r->issuer == "ca.example");
  CHECK(r->account_uri == account_url);
  CHECK(r->wildcard);
  CHECK(r->persist_until == sys_days{2026y / 1 / 1});
  CHECK_FALSE(acme::parse_dns_persist("ca.example; accounturi=x; policy=specific")->wildcard);
  for (const auto& [text, why] :
       {std::pair{"ca.example", "it has no accounturi"},
        {"", "it names no CA"},
        {"; accounturi=x", "it names no CA"},
        {"ca example", "it is not a domain name and parameters"},
        {"v=spf1 -all", "it is not a domain name and parameters"},
        {"ca.example; accounturi=x; accounturi=x", "it has more than one accounturi"},
        {"ca.example; accounturi=x; policy=wildcard; Policy=wildcard", "it has more than one policy"},
        {"ca.example; accounturi=x; persistUntil=", "its persistUntil is no number of seconds"},
        {"ca.example; accounturi=x; persistUntil=-1", "its persistUntil is no number of seconds"},
        {"ca.example; accounturi=x; persistUntil=0x10", "its persistUntil is no number of seconds"},
        {"ca.example; accounturi=x; persistUntil=99999999999999999999", "its persistUntil is no number of seconds"}}) {
    const auto wrong = acme::parse_dns_persist(text);
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().what == why);
  }
}

TEST_CASE("dns_persist: one of several records will do", "[dns_persist]") {
  const std::string mine = "ca.example.net; accounturi=" + account_url;
  CHECK(record_verdict({"other.example; accounturi=x", "v=spf1 -all", mine}).empty());
  CHECK(record_verdict({}) == "there is no record of this CA's");
  CHECK(record_verdict({"other.example; accounturi=" + account_url}) == "there is no record of this CA's");
  CHECK_THAT(record_verdict({"authority.example; accounturi=https://ca.example/acct/12"}),
             Contains("it is for another account"));
  CHECK_THAT(record_verdict({"authority.example; accounturi=https://CA.example/acct/123"}),
             Contains("it is for another account"));
  CHECK_THAT(record_verdict({mine}, true), Contains("it is without policy=wildcard"));
  CHECK(record_verdict({mine + "; policy=wildcard"}, true).empty());
  CHECK(record_verdict({mine + "; persistUntil=1767225600"}).empty());
  CHECK_THAT(record_verdict({mine + "; persistUntil=1767225599"}), Contains("it held until 2025-12-31T23:59:59Z"));
  CHECK_THAT(record_verdict({mine + "; persistUntil=soon"}),
             Contains("its persistUntil is no number") && Contains("\"ca.example.net; "));
}

TEST_CASE("dns_persist: a challenge that is malformed is not met", "[dns_persist]") {
  const acme::directory old = directory_of(dns_persist_draft::v01);
  CHECK(acme::draft_of(old) == dns_persist_draft::v01);
  CHECK(fault(challenge_with({"authority.example", "ca.example.net"}), old).empty());
  CHECK_THAT(fault(challenge_with({}), old), Contains("it has 0 issuer domain names"));
  CHECK_THAT(fault(challenge_with(std::vector<std::string>(11, "ca.example")), old), Contains("it has 11 issuer domain names"));
  for (const std::string& name :
       {std::string{"CA.example"}, std::string{"ca.example."}, std::string{}, std::string{"ca example"}, std::string(254, 'a')})
    CHECK_THAT(fault(challenge_with({"ca.example", name}), old), Contains("is no normalized domain name"));

  acme::directory d = directory_of(dns_persist_draft::v02);
  CHECK(acme::draft_of(d) == dns_persist_draft::v02);
  CHECK(fault(challenge_with({"ca.example"}), d).empty());
  d.issuer_domain_names = {"ca.example"};
  d.caa_identities = {"ca.example", "ca.example.net"};
  CHECK(fault(challenge_with({"ca.example", "ca.example.net"}), d).empty());
  CHECK_THAT(fault(challenge_with({"ca.example.net"}), d),
             Contains("it lacks the directory's issuer domain name \"ca.example\""));
  CHECK_THAT(fault(challenge_with({"ca.example", "other.example"}), d), Contains("\"other.example\" is not among"));
}

}  // namespace sealring::test

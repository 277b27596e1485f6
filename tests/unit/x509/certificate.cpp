#include "sealring/x509/certificate.hpp"
#include "unit/x509/issue.hpp"

namespace sealring::test {
namespace {

using namespace std::chrono;

identifier dns(std::string name) { return {identifier::type::dns, std::move(name)}; }
identifier ip(std::string address) { return {identifier::type::ip, std::move(address)}; }

std::string pem(std::initializer_list<bytes> chain) {
  std::string text;
  for (const bytes& der : chain) text += to_pem("CERTIFICATE", der);
  return text;
}

}  // namespace

TEST_CASE("certificate: names are read, sorted, and those of other kinds passed over", "[x509/certificate]") {
  const auto certificate = issue({.names = "DNS:www.example.com,IP:2001:db8::1,email:a@example.com,DNS:*.example.com,"
                                           "URI:https://example.com,RID:1.2.3.4,IP:192.0.2.1,otherName:1.2.3.4;UTF8:other"});
  CHECK(certificate.names() == std::vector{dns("*.example.com"), dns("www.example.com"), ip("192.0.2.1"), ip("2001:db8::1")});
  demand_clean_queue();
}

TEST_CASE("certificate: a directory name, which is no string, is passed over", "[x509/certificate]") {
  // GeneralNames { [4] directoryName { CN=x }, [2] dNSName "a.example" }
  const auto certificate = issue({.raw_names = "301ba40e300c310a300806035504030c01788209612e6578616d706c65"});
  CHECK(certificate.names() == std::vector{dns("a.example")});
}

TEST_CASE("certificate: an address of a wrong length is no address", "[x509/certificate]") {
  CHECK(issue({.raw_names = "30078705c000020100"}).names().empty());
}

TEST_CASE("certificate: a NUL inside a name stays visible", "[x509/certificate]") {
  const auto names = issue({.raw_names = "30058203610062"}).names();
  CHECK(names == std::vector{dns(std::string{"a\0b", 3})});
}

TEST_CASE("certificate: without subjectAltName, or with a damaged one, there are no names", "[x509/certificate]") {
  CHECK(issue({}).names().empty());
  CHECK(issue({.raw_names = "30ff"}).names().empty());
  demand_clean_queue();
}

TEST_CASE("certificate: validity, in UTCTime until 2049 and GeneralizedTime from 2050", "[x509/certificate]") {
  const auto c = issue({.not_before = "19700101000001Z", .not_after = "20491231235959Z"});
  CHECK(c.not_before() == sys_days{1970y / 1 / 1} + 1s);
  CHECK(c.not_after() == sys_days{2049y / 12 / 31} + 23h + 59min + 59s);
  CHECK(issue({.not_after = "20500101000000Z"}).not_after() == sys_days{2050y / 1 / 1});
  CHECK(issue({.not_after = "20240229123456Z"}).not_after() == sys_days{2024y / 2 / 29} + 12h + 34min + 56s);
  // RFC 5280 section 4.1.2.5: no well-defined expiration date
  CHECK(issue({.not_after = "99991231235959Z"}).not_after() == sys_days{9999y / 12 / 31} + 23h + 59min + 59s);
  CHECK(issue({.not_before = "19500101000000Z"}).not_before() == sys_days{1950y / 1 / 1});
}

TEST_CASE("certificate: serial numbers in whole octets", "[x509/certificate]") {
  for (const char* serial : {"01", "0a", "7f", "80", "ff00", "0123456789abcdef0123456789abcdef01234567"}) {
    INFO(serial);
    CHECK(issue({.serial = serial}).serial() == serial);
  }
  CHECK(issue({.serial = "00000f"}).serial() == "0f");  // DER has the zero octet of a positive number; we do not show it
  CHECK(issue({.serial = "00"}).serial() == "00");
}

TEST_CASE("certificate: subject and issuer on one line", "[x509/certificate]") {
  const auto c = issue({.subject = "Z\u00fcrich, CH", .issuer = "Pebble Intermediate CA 1"});
  CHECK(c.subject() == "CN=Z\u00fcrich\\, CH");
  CHECK(c.issuer() == "CN=Pebble Intermediate CA 1");
}

TEST_CASE("certificate: the common names alone, the last where there are several", "[x509/certificate]") {
  const auto c = issue({.subject = "Z\u00fcrich, CH", .issuer = "Pebble Root CA 1"});
  CHECK(c.subject_common_name() == "Z\u00fcrich, CH");
  CHECK(c.issuer_common_name() == "Pebble Root CA 1");
  CHECK(issue({.subject = ""}).subject_common_name().empty());
  const detail::owned<X509_NAME, X509_NAME_free> several{X509_NAME_new()};
  CHECK(x509::detail::common_name(several.get()).empty());
  for (const char* one : {"first", "last"}) set_name(several.get(), one);
  CHECK(x509::detail::common_name(several.get()) == "last");
  demand_clean_queue();
}

TEST_CASE("certificate: the hash of its key", "[x509/certificate]") {
  const auto c = issue({.key = evp_of<es384>()});
  CHECK(unhex(c.spki_sha256()) == to_bytes(must(hash<sha256>(must(to_spki(key_of<es384>().public_key())))).view()));
  CHECK(c.spki_sha256() != issue({.key = evp_of<rs256>()}).spki_sha256());
}

TEST_CASE("certificate: where its CRLs are", "[x509/certificate]") {
  CHECK(issue({}).crl_urls().empty());
  CHECK(
      issue({.extensions = "crlDistributionPoints=URI:http://c.example/1.crl,URI:ldap://c.example,URI:https://c.example/2.crl"})
          .crl_urls() == std::vector<std::string>{"http://c.example/1.crl", "https://c.example/2.crl"});
  CHECK(
      issue({.extensions = "crlDistributionPoints=p\n[p]\nfullname=URI:http://a.example/,URI:http://b.example/"}).crl_urls() ==
      std::vector<std::string>{"http://a.example/", "http://b.example/"});
  for (const char* others :
       {"crlDistributionPoints=p\n[p]\nfullname=URI:http://a.example/\nreasons=keyCompromise",
        "crlDistributionPoints=p\n[p]\nfullname=URI:http://a.example/\nCRLissuer=dirName:n\n[n]\nCN=other",
        "crlDistributionPoints=p\n[p]\nrelativename=n\n[n]\nCN=part", "crlDistributionPoints=DNS:http.example",
        "crlDistributionPoints=URI:http://a.example/ b", "crlDistributionPoints=DER:3003020100",
        "crlDistributionPoints=DER:30133011a00fa00d860b687474703a2f2f612f0062"}) {  // http://a/ NUL b
    INFO(others);
    CHECK(issue({.extensions = others}).crl_urls().empty());
  }
  demand_clean_queue();
}

TEST_CASE("certificate: knows its key, and no other", "[x509/certificate]") {
  for_each_algorithm([](auto a) {
    using A = decltype(a);
    const auto c = issue({.key = evp_of<A>()});
    CHECK(c.spki() == must(to_spki(key_of<A>().public_key())));
    CHECK(c.certifies(key_of<A>().public_key()));
    CHECK_FALSE(c.certifies(must(software_key<A>::generate()).public_key()));
  });
}

TEST_CASE("certificate: what a CA's says of itself, and what a leaf may be used for", "[x509/certificate]") {
  const auto ca = issue({.subject = "ca",
                         .issuer = "ca",
                         .extensions = "basicConstraints=critical,CA:TRUE,pathlen:1\nsubjectKeyIdentifier=0102030405",
                         .key = evp_of<es384>()});
  CHECK(ca.is_ca());
  CHECK(ca.path_length() == 1);
  CHECK(ca.is_self_issued());
  CHECK(ca.subject_key_id() == unhex("0102030405"));
  CHECK(ca.extended_key_usage().empty());
  CHECK(must(ca.public_key()) == any_public_key{key_of<es384>().public_key()});

  const auto leaf = issue({.issuer = "ca",
                           .names = "DNS:b.example,DNS:a.example,IP:192.0.2.1,email:me@example.com,URI:urn:a:b,RID:1.2.3",
                           .extensions = "extendedKeyUsage=serverAuth,1.2.3.4\ntlsfeature=status_request"});
  CHECK_FALSE(leaf.is_ca());
  CHECK_FALSE(leaf.path_length());
  CHECK_FALSE(leaf.is_self_issued());
  CHECK(leaf.subject_key_id().empty());
  CHECK(leaf.extended_key_usage() == std::vector<std::string>{"1.3.6.1.5.5.7.3.1", "1.2.3.4"});
  const std::vector<identifier> names{
      {identifier::type::dns, "b.example"}, {identifier::type::dns, "a.example"}, {identifier::type::ip, "192.0.2.1"}};
  CHECK(leaf.alternative_names() == x509::subject_alt_names{names, {"me@example.com"}, {"urn:a:b"}, 1});
  REQUIRE(leaf.extensions().size() == 3);
  CHECK(leaf.extensions()[2] == x509::must_staple());

  const auto from = leaf.not_before(), until = leaf.not_after();
  CHECK(leaf.valid_at(from));
  CHECK(leaf.valid_at(until));
  CHECK_FALSE(leaf.valid_at(from - std::chrono::seconds{1}));
  CHECK_FALSE(leaf.valid_at(until + std::chrono::seconds{1}));
}

TEST_CASE("certificate: what is not one whole certificate is refused", "[x509/certificate]") {
  bytes der = issue_der({.names = "DNS:a.example"});
  CHECK(must(x509::certificate::from_der(der)).der() == der);
  for (std::size_t size = 0; size < der.size(); size += 7)
    CHECK(refusal(x509::certificate::from_der(bytes_view{der}.first(size))) == errc::bad_certificate);
  der.push_back(0);
  CHECK(refusal(x509::certificate::from_der(der)) == errc::bad_certificate);
  CHECK(refusal(x509::certificate::from_der({})) == errc::bad_certificate);
}

TEST_CASE("chain: leaf first, each certified by the next", "[x509/certificate]") {
  const bytes root = issue_der({.subject = "root", .issuer = "root", .key = evp_of<es384>(), .issuer_key = evp_of<es384>()});
  const bytes middle =
      issue_der({.subject = "middle", .issuer = "root", .key = evp_of<rs256>(), .issuer_key = evp_of<es384>()});
  const bytes leaf = issue_der({.subject = "leaf", .issuer = "middle", .key = evp_of<eddsa>(), .issuer_key = evp_of<rs256>()});

  CHECK(must(x509::read_chain(pem({leaf, middle, root}))).size() == 3);
  CHECK(must(x509::read_chain(pem({leaf, middle})))[0].subject() == "CN=leaf");
  CHECK(must(x509::read_chain(pem({leaf}))).size() == 1);
  CHECK(must(x509::read_chain("issuer: middle\r\n" + pem({leaf}) + "\n" + pem({middle}))).size() == 2);

  CHECK(refusal(x509::read_chain(pem({middle, leaf}))) == errc::chain_out_of_order);
  CHECK(refusal(x509::read_chain(pem({leaf, root}))) == errc::chain_out_of_order);
  CHECK(refusal(x509::read_chain(pem({leaf, middle, root, leaf}))) == errc::chain_out_of_order);
  CHECK(refusal(x509::read_chain(pem({leaf, leaf}))) == errc::chain_out_of_order);

  // the right names, and a signature by somebody else
  const bytes forged = issue_der({.subject = "leaf", .issuer = "middle", .issuer_key = evp_of<es512>()});
  CHECK(refusal(x509::read_chain(pem({forged, middle}))) == errc::chain_out_of_order);

  CHECK(refusal(x509::read_chain("")) == errc::bad_certificate);
  CHECK(refusal(x509::read_chain(to_pem("PRIVATE KEY", leaf))) == errc::bad_certificate);
  CHECK(refusal(x509::read_chain(pem({leaf, {0x30, 0x00}}))) == errc::bad_certificate);
  CHECK(refusal(x509::read_chain(pem({leaf, middle}) + "-----BEGIN CERTIFICATE-----\nMIIB")) == errc::bad_certificate);
}

}  // namespace sealring::test

#include "sealring/acme/renewal_info.hpp"

#include "unit/acme/scripted_ca.hpp"
#include "unit/x509/issue.hpp"

namespace sealring::test {

namespace {

using namespace std::chrono;

/// With these octets as its authorityKeyIdentifier.
x509::certificate with_issuer(const std::string& serial, const std::string& extension) {
  const bytes der = issue_der({.serial = serial});
  const auto x509 = detail::from_der<detail::x509, d2i_X509>(der);
  const bytes raw = unhex(extension);
  const detail::owned<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free> value{ASN1_OCTET_STRING_new()};
  ASN1_OCTET_STRING_set(value.get(), raw.data(), static_cast<int>(raw.size()));
  const detail::x509_extension aki{X509_EXTENSION_create_by_NID(nullptr, NID_authority_key_identifier, 0, value.get())};
  REQUIRE(X509_add_ext(x509.get(), aki.get(), -1) == 1);
  REQUIRE(X509_sign(x509.get(), evp_of<es256>(), EVP_sha256()) > 0);
  return must(x509::certificate::from_der(detail::to_der<i2d_X509>(x509.get())));
}

std::string window(const std::string& start, const std::string& end) {
  return R"({"suggestedWindow":{"start":")" + start + R"(","end":")" + end +
         R"("},"explanationURL":"https://ca.example/docs/ari"})";
}
const std::string usual = window("2025-01-02T04:00:00Z", "2025-01-03T04:00:00Z");

acme::result<acme::renewal_info> read(const std::string& body) {
  return acme::to_renewal_info(acme::parse_object(body).value());
}

auto asking(scripted_ca& ca, const std::string& directory) {
  ca.directory(directory);
  return acme::client<software_key<es256>, scripted_ca>::connect(ca, key_of<es256>(), "https://ca/dir").value();
}

}  // namespace

TEST_CASE("renewal_info: the identifier of RFC 9773 section 4.1", "[renewal_info]") {
  const auto c = with_issuer("87654321",
                             "30168014"
                             "69885b6b87464041e1b37b847ba0ae2cde01c8d4");
  CHECK(acme::certificate_id(c) == "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE");
  CHECK(c.serial_octets() == unhex("0087654321"));
  CHECK(c.authority_key_id() == unhex("69885b6b87464041e1b37b847ba0ae2cde01c8d4"));
  CHECK(with_issuer("7f", "30028000").serial_octets() == unhex("7f"));
  demand_clean_queue();
}

TEST_CASE("renewal_info: no identifier without the issuer's key identifier", "[renewal_info]") {
  CHECK(acme::certificate_id(issue({})).empty());
  for (const char* extension : {"3000", "3003820101", "30ff", "30028000"})
    CHECK(acme::certificate_id(with_issuer("01", extension)).empty());
  demand_clean_queue();
}

TEST_CASE("renewal_info: the window and the page that explains it", "[renewal_info]") {
  const auto info = read(usual);
  REQUIRE(info);
  CHECK(info->start == sys_days{2025y / 1 / 2} + 4h);
  CHECK(info->end == sys_days{2025y / 1 / 3} + 4h);
  CHECK(info->explanation_url == "https://ca.example/docs/ari");
}

TEST_CASE("renewal_info: what is wrong with an answer is told", "[renewal_info]") {
  const std::string start = R"("start":"2025-01-02T04:00:00Z")", end = R"("end":"2025-01-03T04:00:00Z")";
  for (const auto& [body, expected] :
       {std::pair{std::string{"{}"}, "has no suggestedWindow"},
        {R"({"suggestedWindow":[]})", "has no suggestedWindow"},
        {R"({"suggestedWindow":{)" + end + "}}", "has no start"},
        {R"({"suggestedWindow":{)" + start + R"(,"end":7}})", "has no end"},
        {window("soon", "2025-01-03T04:00:00Z"), "start is no RFC 3339 timestamp"},
        {window("2025-01-02T04:00:00Z", "2025-02-30T04:00:00Z"), "end is no RFC 3339 timestamp"},
        {window("2025-01-02T04:00:00Z", "2025-01-02T04:00:00Z"), "ends before it starts"},
        {window("2025-01-02T04:00:00Z", "2025-01-02T05:00:00+01:00"), "ends before it starts"}}) {
    const auto refused = read(body);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == acme::errc::not_acme);
    INFO(refused.error().what);
    CHECK(refused.error().what.find(expected) != std::string::npos);
  }
}

TEST_CASE("renewal_info: asked without a signature, and Retry-After as the CA put it", "[renewal_info]") {
  scripted_ca ca;
  auto c = asking(ca, R"(,"renewalInfo":"https://ca/ari")");
  ca.then(answer(200, usual, {{"Retry-After", "864000"}}));
  const auto info = c.renewal_info("aki.serial");
  REQUIRE(info);
  CHECK(info->retry_after == 240h);
  CHECK(ca.asked().back().url == "https://ca/ari/aki.serial");
  CHECK(ca.asked().back().verb == http::method::get);
  CHECK(ca.asked().back().body.empty());
  ca.then(answer(200, usual, {{"Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT"}}));
  CHECK(c.renewal_info("aki.serial")->retry_after == 999'999'999s);
  ca.then(answer(200, usual));
  CHECK_FALSE(c.renewal_info("aki.serial")->retry_after);
}

TEST_CASE("renewal_info: a failure, too, says when to ask again", "[renewal_info]") {
  scripted_ca ca;
  auto c = asking(ca, R"(,"renewalInfo":"https://ca/ari/")");
  for (http::response r : {answer(200, "{}"), answer(200, "<html>"), problem_of(404, "malformed"),
                           problem_of(429, "rateLimited"), answer(200, window("soon", "later"))}) {
    r.headers.push_back({"Retry-After", "7200"});
    ca.then(r);
    const auto refused = c.renewal_info("aki.serial");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().retry_after == 2h);
    CHECK(refused.error().what.starts_with("https://ca/ari/aki.serial: "));
  }
}

TEST_CASE("renewal_info: where the CA has none, nothing is asked", "[renewal_info]") {
  scripted_ca ca;
  CHECK(asking(ca, {}).renewal_info("aki.serial").error().code == condition::unsupported);
  scripted_ca other;
  CHECK(asking(other, R"(,"renewalInfo":"https://ca/ari")").renewal_info("").error().code == acme::errc::not_offered);
  CHECK(ca.asked().size() == 1);
  CHECK(other.asked().size() == 1);
}

TEST_CASE("renewal_info: written back as it was sent, with what else there was", "[renewal_info]") {
  const std::string sent =
      R"({"suggestedWindow":{"start":"2025-01-02T04:00:00.5Z","end":"2025-01-03T05:00:00+01:00","step":1},"why":"load"})";
  auto info = read(sent).value();
  CHECK(acme::json::serialize(to_json(info)) == sent);
  info.end = sys_days{2025y / 1 / 4};
  info.explanation_url = "https://ca.example/docs/ari";
  CHECK(acme::json::serialize(to_json(info)) ==
        R"({"suggestedWindow":{"start":"2025-01-02T04:00:00.5Z","end":"2025-01-04T00:00:00Z","step":1},"why":"load",)"
        R"("explanationURL":"https://ca.example/docs/ari"})");
}

}  // namespace sealring::test

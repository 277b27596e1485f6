#include "sealring/x509/crl.hpp"
#include "unit/x509/publish.hpp"

namespace sealring::test {
namespace {

using namespace std::chrono;

constexpr x509::time_point noon = sys_days{2026y / 6 / 2} + 12h;

x509::certificate ca() { return issue({.subject = "ca", .issuer = "ca", .extensions = ca_extensions}); }

x509::certificate leaf(const std::string& extensions = "crlDistributionPoints=URI:http://c.example/1.crl") {
  return issue({.issuer = "ca", .serial = "00ab", .extensions = extensions, .key = evp_of<es384>()});
}

result<x509::crl> read_crl(const bytes& data) { return x509::crl::read(data, 100'000); }

result<std::optional<x509::revocation>> look_up(const x509::certificate& certificate, const revocation_list& l,
                                                const x509::certificate& issuer = ca()) {
  const auto crl = read_crl(publish(l));
  if (!crl) return crl.error();
  return x509::look_up(certificate, issuer, *crl, noon);
}

/// libcrypto's own verdict, as `openssl verify -crl_check` has it.
int referee(const x509::certificate& certificate, const bytes& crl_der, const x509::certificate& issuer = ca()) {
  const detail::owned<X509_STORE, X509_STORE_free> store{X509_STORE_new()};
  const detail::owned<X509_STORE_CTX, X509_STORE_CTX_free> ctx{X509_STORE_CTX_new()};
  const auto crl = detail::from_der<detail::owned<X509_CRL, X509_CRL_free>, d2i_X509_CRL>(crl_der);
  REQUIRE(X509_STORE_add_cert(store.get(), issuer.native_handle()) == 1);
  REQUIRE(X509_STORE_add_crl(store.get(), crl.get()) == 1);
  REQUIRE(X509_STORE_CTX_init(ctx.get(), store.get(), certificate.native_handle(), nullptr) == 1);
  X509_STORE_CTX_set_flags(ctx.get(), X509_V_FLAG_CRL_CHECK | X509_V_FLAG_PARTIAL_CHAIN);
  X509_STORE_CTX_set_time(ctx.get(), 0, noon.time_since_epoch().count());
  X509_verify_cert(ctx.get());
  ERR_clear_error();
  return X509_STORE_CTX_get_error(ctx.get());
}

void check_refused(const std::string& what, const x509::certificate& certificate, revocation_list l, errc expected) {
  INFO(what);
  for (const bool revoked : {false, true}) {  // and it says as little when the serial number is there
    if (revoked) l.entries.push_back({"ab"});
    CHECK(refusal(look_up(certificate, l)) == expected);
    const int verdict = referee(certificate, publish(l));
    CHECK(verdict != X509_V_OK);
    CHECK(verdict != X509_V_ERR_CERT_REVOKED);
  }
}

std::string scope(const std::string& text) { return "issuingDistributionPoint=critical,@s\n[s]\n" + text; }

}  // namespace

TEST_CASE("crl: who stands in it is revoked, with reason and date; who does not is not", "[x509/crl]") {
  const revocation_list empty{};
  CHECK(must(look_up(leaf(), empty)) == std::nullopt);
  CHECK(referee(leaf(), publish(empty)) == X509_V_OK);
  const revocation_list others{.entries = {{"aa"}, {"00ac"}, {"01ab"}}};
  CHECK(must(look_up(leaf(), others)) == std::nullopt);
  CHECK(referee(leaf(), publish(others)) == X509_V_OK);

  const std::pair<const char*, std::uint8_t> reasons[] = {
      {"", 0},
      {"CRLReason=DER:0a0100", 0},
      {"CRLReason=DER:0a0101", 1},
      {"CRLReason=DER:0a010a", 10},
      {"CRLReason=DER:0a010b", 0},    // there is no such reason
      {"CRLReason=DER:0a0101ff", 1},  // octets behind it
      {"CRLReason=DER:ffff", 0},
      {"1.2.3.4=DER:0500", 0},
  };
  for (const auto& [extension, reason] : reasons) {
    INFO(extension);
    const revocation_list l{.entries = {{"01"}, {"ab", extension}, {"ff"}}};
    CHECK(must(look_up(leaf(), l)) == x509::revocation{reason, sys_days{2026y / 6 / 1}});
    CHECK(referee(leaf(), publish(l)) == X509_V_ERR_CERT_REVOKED);
  }
}

TEST_CASE("crl: DER or PEM", "[x509/crl]") {
  const bytes der = publish({.entries = {{"01"}, {"02"}}});
  CHECK(must(read_crl(der)).size() == 2);
  const std::string pem = "Some words\n" + to_pem("X509 CRL", der);
  const auto crl = must(read_crl(to_bytes(as_bytes(pem))));
  CHECK(crl.size() == 2);
  CHECK(crl.this_update() == sys_days{2026y / 6 / 1});
  CHECK(crl.next_update() == sys_days{2026y / 6 / 8});
}

TEST_CASE("crl: what is not one whole list, or too long, is refused", "[x509/crl]") {
  const bytes der = publish({});
  CHECK(x509::crl::read(der, der.size()).has_value());
  CHECK(refusal(x509::crl::read(der, der.size() - 1)) == errc::bad_length);
  CHECK(refusal(read_crl({})) == errc::bad_pem);
  CHECK(refusal(read_crl(to_bytes(as_bytes("<html>not found</html>")))) == errc::bad_pem);
  CHECK(refusal(read_crl(to_bytes(as_bytes(to_pem("CERTIFICATE", der))))) == errc::bad_pem);
  CHECK(refusal(read_crl(to_bytes(as_bytes(to_pem("X509 CRL", der) + to_pem("X509 CRL", der))))) == errc::bad_crl);
  CHECK(refusal(read_crl(bytes(der.begin(), der.end() - 1))) == errc::bad_crl);
  bytes longer = der;
  longer.push_back(0);
  CHECK(refusal(read_crl(longer)) == errc::bad_crl);
  CHECK(refusal(read_crl(ca().der())) == errc::bad_crl);
  CHECK(refusal(read_crl(publish({.next_update = ""}))) == errc::bad_crl);
}

TEST_CASE("crl: of the issuer, and of the present", "[x509/crl]") {
  check_refused("another's signature", leaf(), {.key = evp_of<es512>()}, errc::bad_signature);
  check_refused("another's name", leaf(), {.issuer = "another ca"}, errc::bad_crl);
  check_refused("past", leaf(), {.next_update = "20260602115959Z"}, errc::crl_not_current);
  check_refused("future", leaf(), {.this_update = "20260602120001Z"}, errc::crl_not_current);
  CHECK(must(look_up(leaf(), {.this_update = "20260602120000Z", .next_update = "20260602120000Z"})) == std::nullopt);

  const auto no_crl_sign = issue({.subject = "ca", .issuer = "ca", .extensions = "keyUsage=keyCertSign"});
  CHECK(refusal(look_up(leaf(), {}, no_crl_sign)) == errc::bad_crl);
  CHECK(referee(leaf(), publish({}), no_crl_sign) != X509_V_OK);
  CHECK(must(look_up(leaf(), {}, issue({.subject = "ca", .issuer = "ca"}))) == std::nullopt);
  const auto of_another = issue({.issuer = "ca", .serial = "ab", .issuer_key = evp_of<es512>()});
  CHECK(refusal(look_up(of_another, {})) == errc::chain_out_of_order);
}

TEST_CASE("crl: a signature over something else", "[x509/crl]") {
  bytes der = publish({.entries = {{"0102"}}});
  const bytes serial = unhex("02020102");
  const auto at = std::ranges::search(der, serial).begin();
  REQUIRE(at != der.end());
  at[3] = 0x03;
  CHECK(must(read_crl(der)).find(issue({.serial = "0103"})).has_value());
  CHECK(refusal(must(read_crl(der)).verify(ca(), noon)) == errc::bad_signature);
}

TEST_CASE("crl: a list that may be about this certificate tells of it", "[x509/crl]") {
  const auto intermediate =
      issue({.subject = "sub", .issuer = "ca", .serial = "ab", .extensions = ca_extensions, .key = evp_of<es384>()});
  const auto two_points = leaf("crlDistributionPoints=URI:http://c.example/0.crl,URI:http://c.example/1.crl");
  const std::pair<x509::certificate, std::string> table[] = {
      {leaf(), scope("onlyuser=TRUE")},
      {intermediate, scope("onlyCA=TRUE")},
      {leaf(), scope("fullname=URI:http://c.example/1.crl\nonlyuser=TRUE")},
      {leaf(), scope("fullname=URI:http://other.example/,URI:http://c.example/1.crl")},
      {two_points, scope("fullname=URI:http://c.example/1.crl")},
      {leaf(), "1.2.3.4=DER:0500"},
      {leaf(), ""},
  };
  for (const auto& [certificate, extensions] : table) {
    INFO(extensions);
    revocation_list l{.extensions = extensions};
    CHECK(must(look_up(certificate, l)) == std::nullopt);
    CHECK(referee(certificate, publish(l)) == X509_V_OK);
    l.entries = {{"ab"}};
    CHECK(must(look_up(certificate, l)).has_value());
    CHECK(referee(certificate, publish(l)) == X509_V_ERR_CERT_REVOKED);
  }
}

TEST_CASE("crl: a list about others is never \"not revoked\"", "[x509/crl]") {
  const auto intermediate =
      issue({.subject = "sub", .issuer = "ca", .serial = "ab", .extensions = ca_extensions, .key = evp_of<es384>()});
  const auto refused = [](const x509::certificate& certificate, const std::string& extensions) {
    check_refused(extensions, certificate, {.extensions = extensions}, errc::crl_out_of_scope);
  };
  refused(leaf(), scope("onlyCA=TRUE"));
  refused(intermediate, scope("onlyuser=TRUE"));
  refused(leaf(), scope("onlyAA=TRUE"));
  refused(leaf(), scope("onlysomereasons=keyCompromise,CACompromise"));
  refused(leaf(), scope("fullname=URI:http://c.example/2.crl"));
  refused(leaf(), scope("fullname=DNS:c.example"));
  refused(leaf(), scope("relativename=n\n[n]\nCN=part"));
  refused(leaf(""), scope("fullname=URI:http://c.example/1.crl"));
  const std::string point = "crlDistributionPoints=p\n[p]\nfullname=URI:http://c.example/1.crl\n";
  refused(leaf(point + "CRLissuer=dirName:n\n[n]\nCN=other"), scope("fullname=URI:http://c.example/1.crl"));
  // libcrypto takes it, as if the point's reasons were all
  const auto some_reasons = leaf(point + "reasons=keyCompromise");
  CHECK(refusal(look_up(some_reasons, {.extensions = scope("fullname=URI:http://c.example/1.crl")})) == errc::crl_out_of_scope);
}

TEST_CASE("crl: indirect lists, and what must be known and is not", "[x509/crl]") {
  for (const std::string& extensions :
       {scope("indirectCRL=TRUE"), std::string{"1.2.3.4=critical,DER:0500"}, std::string{"crlNumber=critical,DER:020101"}})
    check_refused(extensions, leaf(), {.extensions = extensions}, errc::unsupported_crl);
  for (const char* extension : {"1.2.3.4=critical,DER:0500", "CRLReason=critical,DER:0a0101"}) {
    INFO(extension);
    const revocation_list l{.entries = {{"01", extension}}};
    CHECK(refusal(look_up(leaf(), l)) == errc::unsupported_crl);
    CHECK(referee(leaf(), publish(l)) == X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION);
  }
}

TEST_CASE("crl: what libcrypto takes, and we do not", "[x509/crl]") {
  const std::pair<std::string, errc> table[] = {
      {"2.5.29.27=critical,DER:020101\ncrlNumber=DER:020107", errc::unsupported_crl},  // a delta
      {"2.5.29.27=DER:020101\ncrlNumber=DER:020107", errc::unsupported_crl},
      {"issuingDistributionPoint=critical,DER:0500", errc::bad_crl},
      {"issuingDistributionPoint=critical,DER:30038101ff\n2.5.29.28=critical,DER:30038101ff", errc::bad_crl},  // two of them
  };
  for (const auto& [extensions, expected] : table) {
    INFO(extensions);
    CHECK(refusal(look_up(leaf(), {.extensions = extensions})) == expected);
    CHECK(referee(leaf(), publish({.extensions = extensions})) == X509_V_OK);
  }
  // libcrypto reads the number as it reads the list, and says on its error queue that it is none
  const revocation_list bad_number{.extensions = "crlNumber=DER:0a0107\n" + scope("indirectCRL=TRUE")};
  CHECK(refusal(look_up(leaf(), bad_number)) == errc::unsupported_crl);
  const revocation_list with_issuer{.entries = {{"01", "2.5.29.29=critical,DER:30078205612e636f6d"}}};
  CHECK(refusal(look_up(leaf(), with_issuer)) == errc::unsupported_crl);
  // removeFromCRL, which only a delta CRL may have; but there it stands
  const revocation_list removed{.entries = {{"ab", "CRLReason=DER:0a0108"}}};
  CHECK(must(look_up(leaf(), removed)) == x509::revocation{8, sys_days{2026y / 6 / 1}});
  CHECK(referee(leaf(), publish(removed)) == X509_V_OK);
}

}  // namespace sealring::test

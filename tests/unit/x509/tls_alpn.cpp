#include "sealring/x509/tls_alpn.hpp"
#include "unit/x509/issue.hpp"

namespace sealring::test {
namespace {

const digest<sha256>& some_digest() {
  static const auto digest = must(hash<sha256>(as_bytes("token.thumbprint")));
  return digest;
}

x509::certificate read_made(const x509::tls_alpn_certificate& made) {
  return must(x509::certificate::from_der(detail::to_der<i2d_X509>(made.certificate.get())));
}

}  // namespace

TEST_CASE("tls-alpn: one name, the hash, and nothing else", "[x509/tls_alpn]") {
  for (const char* text : {"example.com", "localhost", "192.0.2.1", "2001:db8::1"}) {
    INFO(text);
    const identifier id = must(parse_identifier(text));
    const auto made = must(x509::make_tls_alpn_certificate(id, some_digest()));
    const X509* x509 = made.certificate.get();
    CHECK(read_made(made).names() == std::vector{id});
    REQUIRE(X509_get_ext_count(x509) == 2);
    CHECK(OBJ_obj2nid(X509_EXTENSION_get_object(X509_get_ext(x509, 0))) == NID_subject_alt_name);

    X509_EXTENSION* acme = X509_get_ext(x509, 1);
    char oid[64] = {};
    OBJ_obj2txt(oid, sizeof oid, X509_EXTENSION_get_object(acme), 1);
    CHECK(std::string_view{oid} == "1.3.6.1.5.5.7.1.31");
    CHECK(X509_EXTENSION_get_critical(acme) == 1);
    const ASN1_OCTET_STRING* value = X509_EXTENSION_get_data(acme);
    bytes expected = unhex("0420");
    expected.insert(expected.end(), some_digest().view().begin(), some_digest().view().end());
    CHECK(bytes(value->data, value->data + value->length) == expected);
  }
}

TEST_CASE("tls-alpn: self-signed, valid now, by a new P-256 key each time", "[x509/tls_alpn]") {
  const identifier id = must(parse_identifier("example.com"));
  const auto made = must(x509::make_tls_alpn_certificate(id, some_digest()));
  const auto certificate = read_made(made);
  CHECK(X509_get_version(made.certificate.get()) == X509_VERSION_3);
  CHECK(X509_check_private_key(made.certificate.get(), made.key.get()) == 1);
  CHECK(X509_verify(made.certificate.get(), made.key.get()) == 1);
  CHECK(certificate.subject() == certificate.issuer());
  CHECK_FALSE(certificate.subject().empty());
  CHECK(kind_of(must(from_spki(certificate.spki()))) == "p256");
  const auto now = std::chrono::system_clock::now();
  CHECK(certificate.not_before() < now);
  CHECK(certificate.not_after() > now);
  CHECK(read_made(must(x509::make_tls_alpn_certificate(id, some_digest()))).spki() != certificate.spki());
}

TEST_CASE("tls-alpn: the server name that the CA asks for", "[x509/tls_alpn]") {
  const std::pair<const char*, const char*> table[] = {
      {"example.com", "example.com"},
      {"192.0.2.1", "1.2.0.192.in-addr.arpa"},
      {"10.0.255.0", "0.255.0.10.in-addr.arpa"},
      // RFC 3596 section 2.5
      {"4321:0:1:2:3:4:567:89ab", "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4.ip6.arpa"},
      // RFC 8738 section 6
      {"2001:db8::1", "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"},
  };
  for (const auto& [text, name] : table) CHECK(must(x509::tls_alpn_server_name(must(parse_identifier(text)))) == name);
}

TEST_CASE("tls-alpn: a wildcard, or what is no name, is refused", "[x509/tls_alpn]") {
  using enum identifier::type;
  for (const identifier& id : {identifier{dns, "*.example.com"}, identifier{dns, ""}, identifier{dns, "Example.com"},
                               identifier{dns, "192.0.2.1"}, identifier{ip, "example.com"}, identifier{ip, "2001:DB8::1"}}) {
    INFO(id.value);
    CHECK(refusal(x509::tls_alpn_server_name(id)) == errc::bad_name);
    CHECK(refusal(x509::make_tls_alpn_certificate(id, some_digest())) == errc::bad_name);
  }
}

}  // namespace sealring::test

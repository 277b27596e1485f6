#include "sealring/x509/certification_request.hpp"
#include "sealring/x509/csr.hpp"
#include "unit/support.hpp"

namespace sealring::test {
namespace {

using x509::certification_request;

certification_request read_request(const bytes& der) { return must(certification_request::from_der(der)); }

/// A request without attributes, by libcrypto.
bytes signed_by(EVP_PKEY* key, const EVP_MD* hash) {
  const detail::x509_req request{X509_REQ_new()};
  X509_REQ_set_pubkey(request.get(), key);
  REQUIRE(X509_REQ_sign(request.get(), key, hash) > 0);
  ERR_clear_error();
  return detail::to_der<i2d_X509_REQ>(request.get());
}

bytes joined(const std::vector<bytes>& parts) {
  bytes whole;
  for (const bytes& part : parts) whole.insert(whole.end(), part.begin(), part.end());
  return whole;
}

bytes element(std::uint8_t tag, const std::vector<bytes>& parts) { return detail::der_element(tag, {joined(parts)}); }

/// A request that nobody signed, with these attributes.
bytes request_with(const std::vector<bytes>& attributes) {
  const bytes spki = must(to_spki(key_of<es256>().public_key()));
  const bytes info = element(detail::der_sequence, {unhex("020100"), unhex("3000"), spki, element(0xa0, attributes)});
  return must(x509::finish_csr(info, algorithm_id::es256, bytes(64, 1)));
}

const std::string extension_request = "06092a864886f70d01090e";
const std::string microsofts =
    "060a2b060104018237020"
    "10e";
const std::string one_name =
    "300c0603551d11040530038201"
    "61";  // subjectAltName: DNS:a

/// Attribute ::= SEQUENCE { type, values SET } of one Extensions for each of `values`.
bytes attribute(const std::string& type, const std::vector<std::string>& values) {
  std::vector<bytes> set;
  for (const std::string& extensions : values) set.push_back(element(detail::der_sequence, {unhex(extensions)}));
  return element(detail::der_sequence, {unhex(type), element(detail::der_set, set)});
}

}  // namespace

TEST_CASE("request: what was asked for is read back, with every algorithm", "[x509/certification_request]") {
  const x509::csr_request wish{
      .names = {{identifier::type::dns, "*.example.com"}, {identifier::type::ip, "2001:db8::1"}},
      .emails = {"somebody@example.com"},
      .uris = {"spiffe://example.com/one"},
      .subject = {{"O", "An organization"}, {"CN", "one"}},
      .extensions = {x509::must_staple(), {"1.2.3.4", true, {0x05, 0x00}}},
  };
  for_each_algorithm([&](auto a) {
    const auto& key = key_of<decltype(a)>();
    const bytes der = must(x509::make_csr(key, wish));
    const auto request = read_request(der);
    CHECK(request.der() == der);
    CHECK(good(request.verify()));
    CHECK(request.names() == x509::subject_alt_names{wish.names, wish.emails, wish.uris, 0});
    CHECK(request.subject() == wish.subject);
    REQUIRE(request.extensions().size() == 3);
    CHECK(request.extensions()[0].oid == x509::subject_alt_name_oid);
    CHECK_FALSE(request.extensions()[0].critical);
    CHECK(std::ranges::equal(std::span{request.extensions()}.subspan(1), wish.extensions));
    CHECK(must(request.public_key()) == any_public_key{key.public_key()});
    CHECK(request.spki() == must(to_spki(key.public_key())));
  });
}

TEST_CASE("request: PEM with either label", "[x509/certification_request]") {
  const bytes der = request_with({});
  CHECK(must(certification_request::from_pem(to_pem("CERTIFICATE REQUEST", der))).der() == der);
  CHECK(must(certification_request::from_pem("words\n" + to_pem("NEW CERTIFICATE REQUEST", der))).der() == der);
  CHECK(refusal(certification_request::from_pem(to_pem("CERTIFICATE", der))) == errc::bad_pem);
  CHECK(refusal(certification_request::from_pem(to_pem("CERTIFICATE REQUEST", unhex("3000")))) == errc::bad_csr);
}

TEST_CASE("request: none but its key's own signature over every octet", "[x509/certification_request]") {
  bytes der = must(x509::make_csr(key_of<es256>(), std::vector<identifier>{{identifier::type::dns, "example.com"}}));
  const auto at = std::ranges::search(der, std::string_view{"example"}).begin();
  *at = 'f';
  const auto tampered = read_request(der);
  CHECK(tampered.names().identifiers[0].value == "fxample.com");
  CHECK(refusal(tampered.verify()) == errc::bad_signature);
}

TEST_CASE("request: SHA-2 of any length, and nothing weaker", "[x509/certification_request]") {
  CHECK(good(read_request(signed_by(evp_of<es256>(), EVP_sha384())).verify()));
  CHECK(good(read_request(signed_by(evp_of<rs256>(), EVP_sha512())).verify()));
  for (const EVP_MD* weak : {EVP_sha1(), EVP_md5()})
    CHECK(refusal(read_request(signed_by(evp_of<rs256>(), weak)).verify()) == errc::bad_signature);
}

TEST_CASE("request: a key that sealring has no algorithm for", "[x509/certification_request]") {
  const auto key = make_evp("EC", "P-224");
  const auto request = read_request(signed_by(key.get(), EVP_sha256()));
  CHECK(refusal(request.verify()) == errc::unsupported_key);
  CHECK(refusal(request.public_key()) == errc::unsupported_key);
}

TEST_CASE("request: extensions are in one attribute, by its name or by Microsoft's", "[x509/certification_request]") {
  const x509::subject_alt_names a{.identifiers = {{identifier::type::dns, "a"}}};
  CHECK(read_request(request_with({attribute(extension_request, {one_name})})).names() == a);
  CHECK(read_request(request_with({attribute(microsofts, {one_name})})).names() == a);
  CHECK(read_request(request_with({})).extensions().empty());
  const std::vector<bytes> ambiguous[] = {
      {attribute(extension_request, {one_name}), attribute(extension_request, {one_name})},
      {attribute(extension_request, {one_name}), attribute(microsofts, {one_name})},
      {attribute(extension_request, {one_name, one_name})},
      {attribute(extension_request, {one_name + one_name})},  // the same extension twice
      {attribute(extension_request, {"0500"})},               // no extension at all
      {attribute(extension_request, {"300a0603551d1104030500"
                                     "00"})},  // no GeneralNames
  };
  for (const auto& attributes : ambiguous) {
    INFO(attributes.size() << " attributes, the last of " << attributes.back().size() << " octets");
    CHECK(refusal(certification_request::from_der(request_with(attributes))) == errc::bad_csr);
  }
}

TEST_CASE("request: names of other kinds are counted", "[x509/certification_request]") {
  // a directory name, an address of three octets, a registered ID
  const std::string names =
      "30150603551d11040e300ca4023000"
      "8703010203"
      "88012a";
  const auto request = read_request(request_with({attribute(extension_request, {names})}));
  CHECK(request.names() == x509::subject_alt_names{.others = 3});
}

TEST_CASE("request: what is not one whole request is refused", "[x509/certification_request]") {
  bytes der = request_with({attribute(extension_request, {one_name})});
  for (std::size_t size = 0; size < der.size(); size += 7)
    CHECK(refusal(certification_request::from_der(bytes_view{der}.first(size))) == errc::bad_csr);
  bytes version = der;
  const bytes zero = unhex("020100");
  version[static_cast<std::size_t>(std::ranges::search(version, zero).begin() - version.begin()) + 2] = 1;
  CHECK(refusal(certification_request::from_der(version)) == errc::bad_csr);
  der.push_back(0);
  CHECK(refusal(certification_request::from_der(der)) == errc::bad_csr);
}

}  // namespace sealring::test

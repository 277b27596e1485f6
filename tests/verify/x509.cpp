// Our side of the strangers' tests of certificates and CRLs.
//
//   test_verify_x509 alpn DIR                what tls-alpn-01 shows for a name and for an address: DIR/dns.crt, .key,
//   DIR/ip.crt, .key test_verify_x509 crl CERT ISSUER LIST    what the list says of the certificate; all three in PEM
#include "sealring/x509/crl.hpp"
#include "sealring/x509/tls_alpn.hpp"

#include <cstdio>
#include <fstream>
#include <iterator>

namespace sealring::test {
namespace {

std::string read_file(const char* path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

void write_alpn(const std::string& stem, const char* name) {
  const auto digest = hash<sha256>(as_bytes("token.thumbprint")).value();
  const auto made = x509::make_tls_alpn_certificate(parse_identifier(name).value(), digest).value();
  std::ofstream{stem + ".crt"} << to_pem("CERTIFICATE", detail::to_der<i2d_X509>(made.certificate.get()));
  std::ofstream{stem + ".key"} << to_pem("EC PRIVATE KEY", detail::to_der<i2d_PrivateKey>(made.key.get()));
}

std::string look_up(const char* certificate, const char* issuer, const char* list) {
  const auto leaf = x509::read_certificates(read_file(certificate)).value();
  const auto ca = x509::read_certificates(read_file(issuer)).value();
  const auto crl = x509::crl::read(as_bytes(read_file(list)), 1'000'000);
  if (!crl) return crl.error().message();
  const auto found =
      x509::look_up(leaf[0], ca[0], *crl, std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
  if (!found) return found.error().message();
  return *found ? "revoked, reason " + std::to_string((*found)->reason) : "not revoked";
}

}  // namespace
}  // namespace sealring::test

int main(int argc, char** argv) {
  using namespace sealring;
  const std::string_view verb = argc > 1 ? argv[1] : "";
  if (verb == "alpn" && argc == 3) {
    test::write_alpn(argv[2] + std::string{"/dns"}, "example.com");
    test::write_alpn(argv[2] + std::string{"/ip"}, "2001:db8::1");
    return 0;
  }
  if (verb != "crl" || argc != 5) return 2;
  std::puts(test::look_up(argv[2], argv[3], argv[4]).c_str());
  return 0;
}

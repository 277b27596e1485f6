// Our side of the strangers' tests of certification requests.
//
//   test_verify_csr write DIR     a request of each algorithm with names of every kind, a subject and extensions:
//   DIR/es256.csr, ... test_verify_csr read FILE     what a request in PEM says, line by line; and whether its signature is
//   good
#include "sealring/x509/csr.hpp"
#include "sealring/software_key.hpp"
#include "sealring/x509/certification_request.hpp"

#include <cstdio>
#include <fstream>
#include <iterator>

namespace sealring::test {
namespace {

const x509::csr_request wish{
    .names = {{identifier::type::dns, "example.com"},
              {identifier::type::dns, "*.example.com"},
              {identifier::type::ip, "192.0.2.1"},
              {identifier::type::ip, "2001:db8::1"}},
    .emails = {"somebody@example.com"},
    .uris = {"spiffe://example.com/one"},
    .subject = {{"C", "DE"}, {"O", "M\xc3\xbcller"}, {"CN", "example.com"}},
    .extensions = {x509::must_staple(),
                   {"2.5.29.37", true, {0x30, 0x0a, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01}}},
};

template <algorithm A>
void write(const std::string& stem) {
  const auto key = software_key<A>::generate().value();
  std::ofstream{stem + ".csr"} << to_pem("CERTIFICATE REQUEST", x509::make_csr(key, wish).value());
  std::ofstream{stem + ".pub"} << to_pem("PUBLIC KEY", to_spki(key.public_key()).value());
}

void print(const char* what, const std::string& value) { std::printf("%s %s\n", what, value.c_str()); }

int read(const char* file) {
  std::ifstream in{file, std::ios::binary};
  const auto request = x509::certification_request::from_pem(std::string{std::istreambuf_iterator<char>{in}, {}});
  if (!request) return std::puts(request.error().message().c_str()), 1;
  print("signature", request->verify() ? "good" : "bad");
  const auto key = request->public_key();
  print("key", key ? kind_of(*key) : key.error().message());
  for (const auto& [type, value] : request->subject()) print("subject", type + '=' + value);
  for (const identifier& id : request->names().identifiers) print(std::string{name(id.kind)}.c_str(), id.value);
  for (const std::string& email : request->names().emails) print("email", email);
  for (const std::string& uri : request->names().uris) print("uri", uri);
  for (const auto& e : request->extensions()) print("extension", e.oid + (e.critical ? " critical" : ""));
  return 0;
}

}  // namespace
}  // namespace sealring::test

int main(int argc, char** argv) {
  using namespace sealring;
  const std::string_view verb = argc == 3 ? argv[1] : "";
  if (verb == "read") return test::read(argv[2]);
  if (verb != "write") return 2;
  const std::string folder = std::string{argv[2]} + '/';
  test::write<es256>(folder + "es256"), test::write<es384>(folder + "es384"), test::write<es512>(folder + "es512");
  test::write<rs256>(folder + "rs256"), test::write<ps256>(folder + "ps256"), test::write<eddsa>(folder + "eddsa");
  return 0;
}

// Our side of the strangers' tests.
//
//   test_emit write DIR    a JWS, its JWK and thumbprint, and a CSR of each algorithm: DIR/ES256.jws, .jwk, .thumbprint, .csr,
//   ... test_emit check DIR    verifies each DIR/*.theirs: a flattened JWS with its public JWK as a further member "key"
#include "sealring/jose/jws.hpp"
#include "sealring/pem.hpp"
#include "sealring/software_key.hpp"
#include "sealring/verified.hpp"
#include "sealring/x509/csr.hpp"
#include "vectors/reading.hpp"

#include <cstdio>

namespace sealring::test {
namespace {

namespace fs = std::filesystem;

const std::vector<identifier> names{
    {identifier::type::dns, "example.com"},
    {identifier::type::dns, "*.example.com"},
    {identifier::type::ip, "192.0.2.1"},
    {identifier::type::ip, "2001:db8::1"},
};

void write_file(const fs::path& path, std::string_view content) { std::ofstream{path, std::ios::binary} << content; }

template <algorithm A>
void write(const fs::path& folder) {
  const auto key = software_key<A>::generate().value();
  const fs::path stem = folder / jose::name(A::id);
  const jose::acme_header header{"nonce-1", "https://ca.example/acme/new-account"};
  write_file(fs::path{stem} += ".jws",
             jose::sign_flattened(jose::with_jwk{key}, header, R"({"termsOfServiceAgreed":true})").value());
  write_file(fs::path{stem} += ".jwk", jose::to_jwk(key.public_key()));
  write_file(fs::path{stem} += ".thumbprint", jose::thumbprint(key.public_key()).value());
  write_file(fs::path{stem} += ".csr", to_pem("CERTIFICATE REQUEST", x509::make_csr(key, names).value()));
  write_file(fs::path{stem} += ".pub", to_pem("PUBLIC KEY", to_spki(key.public_key()).value()));
}

template <algorithm A>
bool good(const json::object& jws) {
  const std::string input = text(jws, "protected") + '.' + text(jws, "payload");
  const auto key = std::get<typename A::public_key>(public_key(jws.at("key").as_object()));
  const bytes raw = octets(jws, "signature");
  if constexpr (std::same_as<typename A::signature, bytes>) return verify<A>(key, as_bytes(input), raw).has_value();
  else return verify<A>(key, as_bytes(input), fixed<std::tuple_size_v<typename A::signature>>(raw)).has_value();
}

bool check(const json::object& jws) {
  const std::string alg = text(json::parse(as_text(octets(jws, "protected"))).as_object(), "alg");
  return alg == "ES256"   ? good<es256>(jws)
         : alg == "ES384" ? good<es384>(jws)
         : alg == "ES512" ? good<es512>(jws)
         : alg == "RS256" ? good<rs256>(jws)
         : alg == "PS256" ? good<ps256>(jws)
                          : alg == "EdDSA" && good<eddsa>(jws);
}

int check_all(const fs::path& folder) {
  int bad = 0, seen = 0;
  for (const auto& entry : fs::directory_iterator{folder}) {
    if (entry.path().extension() != ".theirs") continue;
    const bool ok = check(read_json(entry.path()));
    std::printf("%s: their signature, our verification: %s\n", entry.path().stem().c_str(), ok ? "good" : "BAD");
    ++seen;
    bad += ok ? 0 : 1;
  }
  return seen == 0 || bad != 0;
}

}  // namespace
}  // namespace sealring::test

int main(int argc, char** argv) {
  using namespace sealring;
  const std::string_view verb = argc == 3 ? argv[1] : "";
  if (verb == "check") return test::check_all(argv[2]);
  if (verb != "write") return 2;
  test::write<es256>(argv[2]), test::write<es384>(argv[2]), test::write<es512>(argv[2]);
  test::write<rs256>(argv[2]), test::write<ps256>(argv[2]), test::write<eddsa>(argv[2]);
  return 0;
}

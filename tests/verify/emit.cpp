// Our side of the strangers' tests.
//
//   test_emit write DIR    of each algorithm: DIR/ALG.jws (flattened, shows its key), .compact, .flattened-detached,
//                          .compact-detached, .jwk, .thumbprint, .csr, .pub; and keys.jwks with all keys, each named ALG
//   test_emit check DIR    verifies what is there of DIR/ALG.{flattened,compact,flattened-detached,compact-detached}.theirs, by
//                          ALG.jwk.theirs or the key ALG of keys.jwks.theirs; the payload is in payload.theirs
#include "sealring/jose/read_jwk_set.hpp"
#include "sealring/jose/verify_jws.hpp"
#include "sealring/pem.hpp"
#include "sealring/software_key.hpp"
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

constexpr char payload[] = R"({"termsOfServiceAgreed":true})";

template <algorithm A>
jose::jwk write(const fs::path& folder) {
  const auto key = software_key<A>::generate().value();
  const fs::path stem = folder / jose::name(A::id);
  const auto write = [&stem](const char* extension, const std::string& text) { write_file(fs::path{stem} += extension, text); };
  const jose::acme_header header{"nonce-1", "https://ca.example/acme/new-account"};
  write(".jws", jose::sign_flattened(jose::with_jwk{key}, header, payload).value());
  const jose::with_kid named{key, jose::name(A::id)};
  write(".compact", jose::sign_compact(named, jose::header_parameters{}.text("typ", "JOSE"), payload).value());
  write(".flattened-detached", jose::sign_flattened_detached(named, {}, payload).value());
  write(".compact-detached", jose::sign_compact_detached(named, {}, payload).value());
  write(".jwk", jose::to_jwk(key.public_key()));
  write(".thumbprint", jose::thumbprint(key.public_key()).value());
  write(".csr", to_pem("CERTIFICATE REQUEST", x509::make_csr(key, names).value()));
  write(".pub", to_pem("PUBLIC KEY", to_spki(key.public_key()).value()));
  const std::string name{jose::name(A::id)};
  return {{.kid = name, .use = "sig", .alg = name}, key.public_key()};
}

void write_all(const fs::path& folder) {
  jose::jwk_set keys;
  keys.keys = {write<es256>(folder), write<es384>(folder), write<es512>(folder),
               write<rs256>(folder), write<ps256>(folder), write<eddsa>(folder)};
  write_file(folder / "keys.jwks", jose::to_jwk_set(keys));
}

/// Their key of this algorithm.
jose::jwk their_key(const fs::path& folder, const std::string& alg) {
  if (exists(folder / (alg + ".jwk.theirs"))) return jose::read_jwk(read_file(folder / (alg + ".jwk.theirs"))).value();
  const auto set = jose::read_jwk_set(read_file(folder / "keys.jwks.theirs")).value();
  const jose::jwk* found = set.find(alg);
  if (found == nullptr) throw std::runtime_error{"no key " + alg + " in their set"};
  return *found;
}

int check_all(const fs::path& folder) {
  const std::string expected = read_file(folder / "payload.theirs");
  const bytes_view detached = as_bytes(expected);
  int bad = 0, seen = 0;
  for (const algorithm_id id : every_algorithm) {
    const std::string alg{jose::name(id)};
    for (const std::string form : {"flattened", "compact", "flattened-detached", "compact-detached"}) {
      const fs::path path = folder / (alg + '.' + form + ".theirs");
      if (!exists(path)) continue;
      std::string text = read_file(path);
      while (text.ends_with('\n')) text.pop_back();
      const auto given = form.ends_with("detached") ? std::optional{detached} : std::nullopt;
      const auto jws = form.starts_with("compact") ? jose::read_compact(text, given) : jose::read_flattened(text, given);
      const bool ok = jws && as_text(jws->payload) == expected && jose::verify(*jws, their_key(folder, alg)).has_value();
      std::printf("%s, %s: their key and signature, our verification: %s\n", alg.c_str(), form.c_str(), ok ? "good" : "BAD");
      ++seen;
      bad += ok ? 0 : 1;
    }
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
  test::write_all(argv[2]);
  return 0;
}

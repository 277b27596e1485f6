// What the consumer projects build: a CSR, and what a challenge of a CA is answered with, by a key of the project's own.
#include <sealring/acme/challenge.hpp>
#include <sealring/jose/jwk.hpp>
#include <sealring/software_key.hpp>
#include <sealring/x509/csr.hpp>

#include <cstdio>

int main() {
  const auto key = sealring::software_key<sealring::es256>::generate().value();
  const std::vector names{sealring::parse_identifier("example.com").value()};
  const auto csr = sealring::x509::make_csr(key, names).value();
  const auto challenge = boost::json::parse(R"({"type": "http-01", "url": "https://ca.example/1", "token": "abc"})");
  const auto token = sealring::acme::to_challenge(challenge.as_object()).token;
  const auto answer = sealring::acme::key_authorization(token, sealring::jose::thumbprint(key.public_key()).value());
  std::printf("sealring %s: a CSR of %zu octets, %s\n", sealring::version, csr.size(), answer.c_str());
}

// A JWS and a certification request, made without a JSON library.
#include <sealring/jose/jws.hpp>
#include <sealring/software_key.hpp>
#include <sealring/x509/csr.hpp>

int main() {
  const auto key = sealring::software_key<sealring::es256>::generate().value();
  const std::vector names{sealring::parse_identifier("example.com").value()};
  const auto jws =
      sealring::jose::sign_compact(sealring::jose::with_jwk{key}, sealring::jose::header_parameters{}, "signing alone");
  return jws && sealring::x509::make_csr(key, names) ? 0 : 1;
}

// What the consumer projects build: an ACME client over our HTTP client, with a key of the project's own.
#include <sealring/http/curl.hpp>
#include <sealring/sealring.hpp>

#include <boost/json/parse.hpp>

#include <cstdio>

int main() {
  using namespace sealring;
  const auto key = software_key<es256>::generate().value();
  const std::vector names{parse_identifier("example.com").value()};
  const auto csr = x509::make_csr(key, names).value();
  const auto challenge = boost::json::parse(R"({"type": "http-01", "url": "https://ca.example/1", "token": "abc"})");
  const auto token = acme::to_challenge(challenge.as_object()).token;
  const auto answer = acme::key_authorization(token, jose::thumbprint(key.public_key()).value());
  std::printf("sealring %s: a CSR of %zu octets, %s\n", version, csr.size(), answer.c_str());

  // Port 1 is nobody's.
  const auto ca = acme::client<software_key<es256>, http::curl>::connect(http::curl{}, key, "https://localhost:1/directory",
                                                                         {.request_timeout = std::chrono::seconds{5}});
  std::printf("no CA: %s\n", ca.error().what.c_str());
  return ca.has_error() ? 0 : 1;
}

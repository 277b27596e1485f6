#include "sealring/acme/issued_certificate.hpp"

#include "unit/acme/connected.hpp"
#include "unit/x509/issue.hpp"

namespace sealring::test {

namespace {

// Ed25519: the same leaf has the same signature each time.
EVP_PKEY* ca_key() { return evp_of<eddsa>(); }

bytes leaf(const std::string& san = "DNS:a.test", const std::string& serial = "02", EVP_PKEY* key = evp_of<es256>()) {
  return issue_der({.subject = "leaf", .issuer = "CA", .serial = serial, .names = san, .key = key, .issuer_key = ca_key()});
}

/// The same leaf under the same CA, which `root` certifies.
http::response chain_to(const std::string& root, const bytes& end_entity = leaf(), std::vector<http::header> links = {}) {
  const bytes issuer = issue_der({.subject = "CA", .issuer = root, .key = ca_key(), .issuer_key = evp_of<es384>()});
  return answer(200, to_pem("CERTIFICATE", end_entity) + to_pem("CERTIFICATE", issuer), std::move(links));
}

std::vector<http::header> alternates(int count) {
  std::vector<http::header> links;
  for (int i = 1; i <= count; ++i) links.push_back({"Link", "</cert/1/" + std::to_string(i) + R"(>;rel="alternate")"});
  return links;
}

auto ends_at(const std::string& root) {
  return [root](std::span<const x509::certificate> chain) { return chain.back().issuer() == "CN=" + root; };
}

const acme::order ordered{"https://ca/order/1", "valid", {{identifier::type::dns, "a.test"}}, {}, "https://ca/finalize/1",
                          "https://ca/cert/1",  {}};
const any_public_key& key() {
  static const any_public_key k = key_of<es256>().public_key();
  return k;
}

}  // namespace

TEST_CASE("issued_certificate: the chain that is liked is taken", "[issued_certificate]") {
  scripted_ca ca;
  client c = connected(ca);
  ca.then(chain_to("Old Root", leaf(), alternates(2))).then(chain_to("Odd Root")).then(chain_to("New Root"));
  const auto issued = c.download(ordered, key(), ends_at("New Root"));
  REQUIRE(issued);
  CHECK(issued->chain.back().issuer() == "CN=New Root");
  CHECK(issued->alternates == std::vector<std::string>{"https://ca/cert/1/1", "https://ca/cert/1/2"});
  CHECK(ca.asked().back().url == "https://ca/cert/1/2");
  CHECK(ca.asked().back().accept == "application/pem-certificate-chain");
  CHECK(issued->pem.find(to_pem("CERTIFICATE", issued->chain.back().der())) != std::string::npos);
}

TEST_CASE("issued_certificate: no alternate is asked for where the first is liked", "[issued_certificate]") {
  scripted_ca ca;
  client c = connected(ca);
  ca.then(chain_to("Old Root", leaf(), alternates(1))).then(chain_to("Old Root", leaf(), alternates(1)));
  CHECK(c.download(ordered, key(), ends_at("Old Root")));
  CHECK(c.download(ordered, key()));
  CHECK(ca.asked().size() == 4);  // the directory, a nonce, and one for each
}

TEST_CASE("issued_certificate: where none is liked, the first is taken, and not for ever looked for another",
          "[issued_certificate]") {
  scripted_ca ca;
  client c = connected(ca);
  ca.then(chain_to("Old Root", leaf(), alternates(12)));
  for (int i = 0; i < 12; ++i) ca.then(chain_to("Odd Root"));
  const auto issued = c.download(ordered, key(), ends_at("New Root"));
  REQUIRE(issued);
  CHECK(issued->chain.back().issuer() == "CN=Old Root");
  CHECK(ca.left() == 4);
}

TEST_CASE("issued_certificate: an alternate that fails, or is of another certificate, is passed over", "[issued_certificate]") {
  scripted_ca ca;
  client c = connected(ca);
  ca.then(chain_to("Old Root", leaf(), alternates(6)));
  ca.then(problem_of(404, "malformed")).then(answer(200, "no PEM")).then(chain_to("New Root", leaf("DNS:b.test")));
  ca.then(chain_to("New Root", leaf("DNS:a.test", "03")));                   // good, but not the one that was issued
  ca.then(chain_to("New Root", leaf("DNS:a.test", "02", evp_of<es384>())));  // for another key
  ca.then(chain_to("New Root"));
  const auto issued = c.download(ordered, key(), ends_at("New Root"));
  REQUIRE(issued);
  CHECK(issued->chain.back().issuer() == "CN=New Root");
  CHECK(ca.asked().back().url == "https://ca/cert/1/6");
}

TEST_CASE("issued_certificate: for another key or without a name it is none of ours", "[issued_certificate]") {
  scripted_ca ca;
  client c = connected(ca);
  ca.then(chain_to("Root", leaf("DNS:b.test"))).then(chain_to("Root", leaf("DNS:a.test", "02", evp_of<es384>())));
  CHECK(c.download(ordered, key()).error().code == acme::errc::certificate_mismatch);
  CHECK(c.download(ordered, key()).error().code == acme::errc::certificate_mismatch);
}

}  // namespace sealring::test

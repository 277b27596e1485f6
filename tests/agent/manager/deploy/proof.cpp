#include "agent/manager/deploy/proof.hpp"

#include "agent/manager/deploy/tls_server.hpp"
#include "agent/scratch.hpp"

using namespace sealring;
using namespace sealring::test;
using namespace std::chrono_literals;
using agent::prove;
using Catch::Contains;

namespace {

const agent::proof_times soon{.in_all = 600ms, .one_handshake = 500ms};

x509::certificate of(const std::string& serial, EVP_PKEY* key = evp_of<es256>(), const std::string& names = "DNS:a.test") {
  return issue({.serial = serial, .names = names, .key = key, .issuer_key = evp_of<es256>()});
}

}  // namespace

TEST_CASE("a server that presents the certificate is proof, one that does not is told with what it presents", "[proof]") {
  const auto wanted = of("1f2e");
  tls_server server({{wanted, evp_of<es256>()}});
  CHECK(outcome(prove({server.address()}, wanted)) == "");
  CHECK(outcome(prove({}, wanted)) == "");
  CHECK(server.last_name() == "a.test");

  server.present({{of("0a"), evp_of<es256>()}});
  CHECK(outcome(prove({server.address()}, wanted, soon)) == server.address() + " still presents serial 0a");
  const auto other_key = make_evp("EC", "P-256");
  server.present({{of("1f2e", other_key.get()), other_key.get()}});
  CHECK(outcome(prove({server.address()}, wanted, soon)) == server.address() + " presents this serial with another key");
}

TEST_CASE("a server that reloads in its own time is waited for", "[proof]") {
  const auto wanted = of("02");
  tls_server server({{of("01"), evp_of<es256>()}});
  std::thread reloads([&] {
    std::this_thread::sleep_for(300ms);
    server.present({{wanted, evp_of<es256>()}});
  });
  CHECK(outcome(prove({server.address()}, wanted)) == "");
  reloads.join();
}

TEST_CASE("of two certificates the one with our type of key is asked for", "[proof]") {
  const auto ec = of("0e"), rsa = of("0f", evp_of<rs256>());
  const tls_server server({{ec, evp_of<es256>()}, {rsa, evp_of<rs256>()}});
  CHECK(outcome(prove({server.address()}, ec, soon)) == "");
  CHECK(outcome(prove({server.address()}, rsa, soon)) == "");
  const auto ed = of("ed", evp_of<eddsa>());
  const tls_server third({{ed, evp_of<eddsa>()}});
  CHECK(outcome(prove({third.address()}, ed, soon)) == "");
}

TEST_CASE("a server without the key is found out", "[proof]") {
  const int tls_version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
  const auto wanted = of("01");
  const auto its_spki = wanted.spki();
  const auto half = detail::from_der<detail::evp_pkey, d2i_PUBKEY>(its_spki);
  const tls_server server({{wanted, half.get()}}, tls_version);
  CHECK_THAT(outcome(prove({server.address()}, wanted, soon)),
             Contains("cannot sign with its key") || Contains("presents no certificate"));
}

TEST_CASE("servers that are not there, do not speak TLS, or do not speak at all", "[proof]") {
  const auto wanted = of("01");
  const tls_server good({{wanted, evp_of<es256>()}});
  CHECK(outcome(prove({good.address(), "127.0.0.1:1"}, wanted, soon)) == "127.0.0.1:1 does not answer: Connection refused");
  CHECK_THAT(outcome(prove({"no-such-host.invalid:443"}, wanted, soon)), Contains("cannot be found"));
  const silent_server silent;
  const auto begun = std::chrono::steady_clock::now();
  CHECK_THAT(outcome(prove({silent.address()}, wanted, soon)), Contains("presents no certificate in a handshake"));
  CHECK(std::chrono::steady_clock::now() - begun < 10s);
}

TEST_CASE("the name that a client sends", "[proof]") {
  const auto name = [](const std::string& names) { return agent::server_name_for(of("01", evp_of<es256>(), names)); };
  CHECK(name("DNS:*.a.test,DNS:b.test,IP:192.0.2.1") == "b.test");
  CHECK(name("DNS:*.a.test,IP:192.0.2.1") == "sealring.a.test");
  CHECK(name("IP:192.0.2.1") == "");
}

#include "agent/manager/solver/tls_alpn01_listener.hpp"

#include "agent/manager/solver/endpoint.hpp"
#include "agent/manager/solver/solvers.hpp"
#include "agent/scratch.hpp"

#include <openssl/ssl.h>
#include <poll.h>

using namespace sealring;
using namespace sealring::agent;
using namespace sealring::test;
using Catch::Contains;

namespace {

constexpr std::string_view acme_tls{
    "\x0a"
    "acme-tls/1",
    11};

// Whom the certificate that is shown is for; "refused" if there is no handshake.
std::string shown_to(std::uint16_t port, std::string_view protocols, const char* server_name) {
  const auto socket = connect_to(endpoint("127.0.0.1", port), SOCK_STREAM, within(std::chrono::seconds(5)));
  REQUIRE(outcome(socket) == "");
  const sealring::detail::owned<SSL_CTX, SSL_CTX_free> context(SSL_CTX_new(TLS_client_method()));
  const sealring::detail::owned<SSL, SSL_free> ssl(SSL_new(context.get()));
  SSL_set_fd(ssl.get(), socket->get());
  if (server_name) SSL_set_tlsext_host_name(ssl.get(), server_name);
  if (!protocols.empty()) SSL_set_alpn_protos(ssl.get(), as_bytes(protocols).data(), static_cast<unsigned>(protocols.size()));
  int done = 0;
  while ((done = SSL_connect(ssl.get())) != 1) {
    const int error = SSL_get_error(ssl.get(), done);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) break;
    if (!wait_for(socket->get(), error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, within(std::chrono::seconds(5)))) break;
  }
  ERR_clear_error();
  if (done != 1) return "refused";
  const sealring::detail::x509 certificate(SSL_get1_peer_certificate(ssl.get()));
  for (const char* name : {"a.example", "b.example", "1.2.0.192.in-addr.arpa"})
    if (X509_check_host(certificate.get(), name, 0, 0, nullptr) == 1) return name;
  return X509_check_ip_asc(certificate.get(), "192.0.2.1", 0) == 1 ? "192.0.2.1" : "another";
}

x509::tls_alpn_certificate certificate_for(const identifier& id) {
  return x509::make_tls_alpn_certificate(id, *hash<sha256>(as_bytes("token.thumbprint"))).value();
}

const identifier a{identifier::type::dns, "a.example"}, b{identifier::type::dns, "b.example"};

}  // namespace

TEST_CASE("the certificate of the name that is asked for", "[tls_alpn01]") {
  auto listener = tls_alpn01_listener::open("127.0.0.1:0");
  REQUIRE(outcome(listener) == "");
  const identifier ip{identifier::type::ip, "192.0.2.1"};
  listener->add("a.example", "1", certificate_for(a));
  listener->add("b.example", "2", certificate_for(b));
  listener->add(*x509::tls_alpn_server_name(ip), "3", certificate_for(ip));
  CHECK(shown_to(listener->port(), acme_tls, "a.example") == "a.example");
  CHECK(shown_to(listener->port(), acme_tls, "B.example") == "b.example");
  CHECK(shown_to(listener->port(), acme_tls, "1.2.0.192.in-addr.arpa") == "192.0.2.1");
  listener->remove("a.example", "another token");
  CHECK(shown_to(listener->port(), acme_tls, "a.example") == "a.example");
  listener->remove("a.example", "1");
  CHECK(shown_to(listener->port(), acme_tls, "a.example") == "refused");
}

TEST_CASE("everything else is refused", "[tls_alpn01]") {
  auto listener = tls_alpn01_listener::open("127.0.0.1:0");
  REQUIRE(outcome(listener) == "");
  listener->add("a.example", "1", certificate_for(a));
  CHECK(shown_to(listener->port(), "", "a.example") == "refused");
  CHECK(shown_to(listener->port(), "\x02h2", "a.example") == "refused");
  CHECK(shown_to(listener->port(), std::string(acme_tls) + "\x02h2", "a.example") == "refused");
  CHECK(shown_to(listener->port(), acme_tls, "c.example") == "refused");
  CHECK(shown_to(listener->port(), acme_tls, nullptr) == "refused");
  CHECK(shown_to(listener->port(), acme_tls, "a.example") == "a.example");
}

TEST_CASE("who is slow or talks nonsense holds nobody up", "[tls_alpn01]") {
  auto listener = tls_alpn01_listener::open("127.0.0.1:0");
  REQUIRE(outcome(listener) == "");
  listener->add("a.example", "1", certificate_for(a));
  std::vector<descriptor> silent;
  for (int n = 0; n < 20; ++n) {
    auto socket = connect_to(endpoint("127.0.0.1", listener->port()), SOCK_STREAM, within(std::chrono::seconds(5)));
    REQUIRE(outcome(socket) == "");
    if (n % 2 == 0) CHECK(outcome(send_all(socket->get(), "GET / HTTP/1.0\r\n\r\n", within(std::chrono::seconds(5)))) == "");
    silent.push_back(*std::move(socket));
  }
  CHECK(shown_to(listener->port(), acme_tls, "a.example") == "a.example");
}

TEST_CASE("the solver shows what its look sees, and has the port only meanwhile", "[tls_alpn01]") {
  config c;
  {
    auto free = tls_alpn01_listener::open("127.0.0.1:0");
    REQUIRE(outcome(free) == "");
    c.tls_alpn01 = {"127.0.0.1:" + std::to_string(free->port()), free->port()};
  }
  std::vector<std::string> said;
  auto all = solvers::make(c, {}, {}, [&](std::string_view line) { said.emplace_back(line); });
  REQUIRE(outcome(all) == "");
  const certificate_entry entry{.name = "web", .challenge = challenge_type::tls_alpn01};
  const challenge_task one{"web", {identifier::type::ip, "127.0.0.1"}, challenge_type::tls_alpn01, "t", "t.k", ""};
  challenge_task other = one;
  other.key_authorization = "t.k2";
  auto* solver = all->solver_for(entry, one.id).value();
  CHECK(outcome(solver->look(one)) == "");
  REQUIRE(said.size() == 1);
  CHECK_THAT(said.front(), Contains("cannot reach 127.0.0.1:"));
  REQUIRE(outcome(solver->present(one)) == "");
  CHECK(outcome(solver->look(one)) == "");
  CHECK(said.size() == 1);
  CHECK_THAT(outcome(solver->look(other)), Contains("not of this challenge"));
  CHECK(solver->clean_up(one));
  CHECK(solver->clean_up(one));
  CHECK(outcome(solver->look(one)) == "");
  CHECK(said.size() == 2);
}

#include "agent/manager/solver/tls_alpn01_look.hpp"

#include "agent/manager/solver/acme_tls_offer.hpp"
#include "sealring/acme/challenge.hpp"
#include "sealring/x509/tls_alpn.hpp"

#include <algorithm>

#include <openssl/ssl.h>
#include <poll.h>

namespace sealring::agent {
namespace {

using kind = finding::kind;
using ssl_handle = sealring::detail::owned<SSL, SSL_free>;
using context_handle = sealring::detail::owned<SSL_CTX, SSL_CTX_free>;

constexpr auto time_in_all = std::chrono::seconds(10);
constexpr std::size_t most_addresses = 8;

// The handshake's end: true, or why not.
enum class handshake { done, refused, silent };

handshake shake_hands(SSL* ssl, int socket, deadline until) {
  while (true) {
    const int done = SSL_connect(ssl);
    const int error = done == 1 ? SSL_ERROR_NONE : SSL_get_error(ssl, done);
    ERR_clear_error();
    if (error == SSL_ERROR_NONE) return handshake::done;
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) return handshake::refused;
    // Also while something comes: a peer that sends an octet now and then must not hold us.
    const bool over = std::chrono::steady_clock::now() >= until;
    if (over || !wait_for(socket, error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, until)) return handshake::silent;
  }
}

// The value of acmeIdentifier: an OCTET STRING, in the OCTET STRING of every extension.
bool shows(const X509* certificate, const fixed_bytes<32>& digest) {
  const sealring::detail::owned<ASN1_OBJECT, ASN1_OBJECT_free> oid(
      OBJ_txt2obj(std::string(acme::tls_alpn01_extension).c_str(), 1));
  const int at = oid ? X509_get_ext_by_OBJ(certificate, oid.get(), -1) : -1;
  if (at < 0) return false;
  X509_EXTENSION* extension = X509_get_ext(certificate, at);
  const ASN1_OCTET_STRING* value = X509_EXTENSION_get_data(extension);
  const bytes_view der(ASN1_STRING_get0_data(value), static_cast<std::size_t>(ASN1_STRING_length(value)));
  return X509_EXTENSION_get_critical(extension) == 1 && der.size() == 34 && der[0] == V_ASN1_OCTET_STRING && der[1] == 32 &&
         std::equal(digest.begin(), digest.end(), der.begin() + 2);
}

finding judge_handshake(SSL* ssl, const challenge_task& task, const std::string& at) {
  const unsigned char* protocol = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl, &protocol, &size);
  if (as_text({protocol, size}) != acme::tls_alpn01_protocol)
    return {kind::wrong,
            at + "a TLS server is there that does not speak \"acme-tls/1\"; is it another machine, or another server "
                 "in front of this one?"};
  const auto digest = acme::tls_alpn01_digest(task.key_authorization);
  const sealring::detail::x509 certificate(SSL_get1_peer_certificate(ssl));
  if (digest && certificate && shows(certificate.get(), *digest)) return {};
  return {kind::wrong, at + "the certificate that is shown is not of this challenge; is another ACME client at work there?"};
}

finding look_at(SSL_CTX* context, const challenge_task& task, const std::string& server_name, const endpoint& address,
                deadline until) {
  const std::string at = "at " + address.text() + ": ";
  const auto socket = connect_to(address, SOCK_STREAM, until);
  if (!socket) return {kind::uncertain, socket.error().what};
  const ssl_handle ssl(SSL_new(context));
  if (!ssl || SSL_set_fd(ssl.get(), socket->get()) != 1 || SSL_set_tlsext_host_name(ssl.get(), server_name.c_str()) != 1 ||
      SSL_set_alpn_protos(ssl.get(), as_bytes(acme_tls_offer).data(), static_cast<unsigned>(acme_tls_offer.size())) != 0) {
    ERR_clear_error();
    return {kind::uncertain, at + "no memory for a handshake"};
  }
  switch (shake_hands(ssl.get(), socket->get(), until)) {
    case handshake::done: return judge_handshake(ssl.get(), task, at);
    case handshake::silent: return {kind::uncertain, at + "the handshake is not answered in time"};
    case handshake::refused: break;
  }
  return {kind::wrong,
          at + "the server there refuses a handshake for \"acme-tls/1\"; is it another machine, or another server in "
               "front of this one?"};
}

}  // namespace

finding look_at_handshake(const dns_lookup& lookup, const challenge_task& task, unsigned port) {
  const deadline until = within(time_in_all);
  const auto server_name = x509::tls_alpn_server_name(task.id);
  if (!server_name) return {kind::wrong, server_name.error().message()};
  std::vector<endpoint> addresses;
  if (task.id.kind == identifier::type::ip) {
    addresses.emplace_back(task.id.value, static_cast<std::uint16_t>(port));
  } else {
    auto found = lookup.addresses(task.id.value, static_cast<std::uint16_t>(port));
    if (!found) return {found.error().code == condition::retry_later ? kind::uncertain : kind::wrong, found.error().what};
    addresses = *std::move(found);
  }
  const context_handle context(SSL_CTX_new(TLS_client_method()));
  if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1)
    return {kind::uncertain, "no memory for a handshake"};
  finding worst;
  for (const auto& address : std::span(addresses).first(std::min(addresses.size(), most_addresses))) {
    finding one = look_at(context.get(), task, *server_name, address, until);
    if (one.what == kind::wrong) return one;
    if (!one.seen()) worst = std::move(one);
  }
  return worst;
}

}  // namespace sealring::agent

#include "agent/manager/deploy/proof.hpp"

#include "agent/supervisor/descriptor.hpp"
#include "agent/text.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <thread>

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

namespace sealring::agent {
namespace {

using clock = std::chrono::steady_clock;
using tls = sealring::detail::owned<SSL, SSL_free>;
using tls_context = sealring::detail::owned<SSL_CTX, SSL_CTX_free>;

/// What one handshake has shown: the certificate, if it came so far, and why it came no further.
struct sight {
  std::optional<x509::certificate> presented;
  std::string trouble;  ///< empty: it came to its end
};

bool wait_for(int socket, short event, clock::time_point until) {
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now()).count();
    pollfd poll{socket, event, 0};
    const int ready = ::poll(&poll, 1, static_cast<int>(std::max<std::int64_t>(left, 0)));
    if (ready < 0 && errno == EINTR) continue;
    return ready > 0;
  }
}

// "127.0.0.1:443", "[::1]:443", "localhost:443"; the configuration has checked it.
std::pair<std::string, std::string> split(const std::string& server) {
  const auto colon = server.rfind(':');
  std::string host = server.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return {host, server.substr(colon + 1)};
}

// The first of its addresses that takes a connection; else what the last has said, in errno's words.
result<descriptor> dial(const std::string& server, clock::time_point until) {
  const auto [host, port] = split(server);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found); error != 0)
    return fail(condition::peer_fault, std::string("cannot be found: ") + ::gai_strerror(error));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> all(found, &::freeaddrinfo);
  int error = 0;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    descriptor socket(::socket(one->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (::connect(socket.get(), one->ai_addr, one->ai_addrlen) == 0) return socket;
    error = errno;
    if (error != EINPROGRESS) continue;
    socklen_t size = sizeof error;
    if (!wait_for(socket.get(), POLLOUT, until)) error = ETIMEDOUT;
    else ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error == 0) return socket;
  }
  return fail(condition::peer_fault, std::string("does not answer: ") + std::strerror(error));
}

int keep_certificate(X509_STORE_CTX* store, void* to) {
  X509* const leaf = X509_STORE_CTX_get0_cert(store);
  const auto der = leaf != nullptr ? sealring::detail::to_der<i2d_X509>(leaf) : bytes{};
  if (auto read = x509::certificate::from_der(der); read) static_cast<sight*>(to)->presented = *std::move(read);
  return 1;
}

// A server may have a certificate of each type: it is to take the one that is asked for.
const char* algorithms_for(const x509::certificate& leaf) {
  const auto key = sealring::detail::from_der<sealring::detail::evp_pkey, d2i_PUBKEY>(leaf.spki());
  switch (key ? EVP_PKEY_get_base_id(key.get()) : EVP_PKEY_NONE) {
    case EVP_PKEY_EC: return "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512";
    case EVP_PKEY_RSA: return "RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:RSA+SHA256:RSA+SHA384:RSA+SHA512";
    case EVP_PKEY_ED25519: return "ed25519";
    default: return nullptr;
  }
}

result<tls_context> make_client(const x509::certificate& leaf) {
  tls_context context{SSL_CTX_new(TLS_client_method())};
  const char* const algorithms = algorithms_for(leaf);
  if (!context || algorithms == nullptr || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1 ||
      SSL_CTX_set1_sigalgs_list(context.get(), algorithms) != 1) {
    ERR_clear_error();
    return fail(condition::unsupported, "no TLS handshake can be made for a certificate of this key");
  }
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_quiet_shutdown(context.get(), 1);
  return context;
}

// Why SSL_connect has failed: the server's alert, if it sent one.
std::string tls_trouble(int system_error) {
  const unsigned long code = ERR_peek_error();
  const char* const reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
  std::string out = reason != nullptr ? reason : system_error != 0 ? std::strerror(system_error) : "it has hung up";
  ERR_clear_error();
  return out;
}

sight shake_hands(SSL_CTX* context, int socket, const std::string& name, clock::time_point until) {
  sight seen;
  SSL_CTX_set_cert_verify_callback(context, keep_certificate, &seen);
  const tls client{SSL_new(context)};
  if (!client || SSL_set_fd(client.get(), socket) != 1 ||
      (!name.empty() && SSL_set_tlsext_host_name(client.get(), name.c_str()) != 1)) {
    seen.trouble = tls_trouble(0);
    return seen;
  }
  while (true) {
    errno = 0;
    const int done = SSL_connect(client.get());
    if (done == 1) return seen;
    const int why = SSL_get_error(client.get(), done);
    const bool waits = why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE;
    if (!waits) seen.trouble = tls_trouble(errno);
    else if (!wait_for(socket, why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, until)) seen.trouble = "it does not go on";
    if (!seen.trouble.empty()) return seen;
  }
}

// Empty if the server presents `leaf`, else what it does, to be put after its address.
std::string judge(const sight& seen, const x509::certificate& leaf) {
  if (!seen.presented) return "presents no certificate in a handshake: " + seen.trouble;
  const auto& other = *seen.presented;
  if (other.serial() != leaf.serial()) return "still presents serial " + other.serial();
  if (other.spki() != leaf.spki()) return "presents this serial with another key";
  if (!seen.trouble.empty()) return "presents the certificate, and cannot sign with its key: " + seen.trouble;
  return {};
}

std::string ask(const std::string& server, const x509::certificate& leaf, SSL_CTX* context, clock::time_point until) {
  auto socket = dial(server, until);
  if (!socket) return socket.error().what;
  return judge(shake_hands(context, socket->get(), server_name_for(leaf), until), leaf);
}

}  // namespace

std::string server_name_for(const x509::certificate& leaf) {
  const auto names = leaf.names();
  const auto plain = [](const identifier& n) { return n.kind == identifier::type::dns && !n.wildcard(); };
  if (const auto found = std::ranges::find_if(names, plain); found != names.end()) return found->value;
  const auto found = std::ranges::find_if(names, &identifier::wildcard);
  return found == names.end() ? std::string() : "sealring" + found->value.substr(1);
}

result<void> prove(const std::vector<std::string>& servers, const x509::certificate& leaf, const proof_times& times) {
  if (servers.empty()) return {};
  const auto context = make_client(leaf);
  if (!context) return context.error();
  const auto end = clock::now() + times.in_all;
  std::vector<std::pair<std::string, std::string>> left;  // and what each has last done
  left.reserve(servers.size());
  for (const auto& server : servers) left.emplace_back(server, "was not asked");
  for (auto pause = times.first_pause;; pause = std::min(pause * 2, times.longest_pause)) {
    for (auto& [server, does] : left)
      does = ask(server, leaf, context->get(), std::min(end, clock::now() + times.one_handshake));
    std::erase_if(left, [](const auto& one) { return one.second.empty(); });
    if (left.empty()) return {};
    if (clock::now() + pause >= end) break;
    std::this_thread::sleep_for(pause);
  }
  std::string text;
  for (const auto& [server, does] : left) (text += text.empty() ? "" : "; ") += server + " " + one_line(does);
  return fail(condition::peer_fault, text);
}

}  // namespace sealring::agent

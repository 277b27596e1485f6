#include "agent/manager/solver/tls_alpn01_listener.hpp"

#include "agent/manager/listen_address.hpp"
#include "agent/manager/solver/acme_tls_offer.hpp"
#include "agent/supervisor/descriptor.hpp"
#include "agent/text.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <map>
#include <mutex>
#include <thread>

#include <fcntl.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

namespace sealring::agent {
namespace {

using clock = std::chrono::steady_clock;
using ssl_handle = sealring::detail::owned<SSL, SSL_free>;
using context_handle = sealring::detail::owned<SSL_CTX, SSL_CTX_free>;

// A CA looks from a handful of places at once. Others wait until one has ended, which is soon: nobody has longer than this.
constexpr std::size_t at_once = 64;
constexpr auto handshake_patience = std::chrono::seconds(5);

struct shown {
  std::string token;
  x509::tls_alpn_certificate certificate;
};

}  // namespace

struct tls_alpn01_listener::server {
  server(const server&) = delete;
  server& operator=(const server&) = delete;
  server() = default;
  ~server() {
    if (!thread.joinable()) return;
    ::eventfd_write(stop.get(), 1);
    thread.join();
  }

  bool prepare() {
    context.reset(SSL_CTX_new(TLS_server_method()));
    if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1) return false;
    SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context.get(), 0);
    SSL_CTX_set_client_hello_cb(context.get(), &server::on_hello, nullptr);
    SSL_CTX_set_tlsext_servername_callback(context.get(), &server::on_name);
    SSL_CTX_set_tlsext_servername_arg(context.get(), this);
    SSL_CTX_set_alpn_select_cb(context.get(), &server::on_alpn, nullptr);
    return true;
  }

  // RFC 8737 section 3: a client that does not ask for "acme-tls/1" is no CA, and has no business here.
  static int on_hello(SSL* ssl, int* alert, void*) noexcept {
    const unsigned char* data = nullptr;
    std::size_t size = 0;
    if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_application_layer_protocol_negotiation, &data, &size) == 1)
      return SSL_CLIENT_HELLO_SUCCESS;
    *alert = SSL_AD_NO_APPLICATION_PROTOCOL;
    return SSL_CLIENT_HELLO_ERROR;
  }

  static int on_alpn(SSL*, const unsigned char** out, unsigned char* size, const unsigned char* in, unsigned length,
                     void*) noexcept {
    if (as_text({in, length}) != acme_tls_offer) return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = in + 1;
    *size = static_cast<unsigned char>(acme_tls_offer.size() - 1);
    return SSL_TLSEXT_ERR_OK;
  }

  static int on_name(SSL* ssl, int* alert, void* self) noexcept try {
    const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    if (name && static_cast<server*>(self)->show(ssl, name)) return SSL_TLSEXT_ERR_OK;
    *alert = SSL_AD_UNRECOGNIZED_NAME;
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  } catch (...) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;  // no exception may cross into C
  }

  bool show(SSL* ssl, std::string name) {
    for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const std::lock_guard lock(mutex);
    const auto found = certificates.find(name);
    if (found == certificates.end()) return false;
    const auto& [certificate, key] = found->second.back().certificate;
    return SSL_use_certificate(ssl, certificate.get()) == 1 && SSL_use_PrivateKey(ssl, key.get()) == 1;
  }

  struct connection {
    descriptor socket;
    ssl_handle ssl;
    clock::time_point until;
    short waits_for = POLLIN;

    // False when it has ended, well or not.
    bool step() {
      const int done = SSL_accept(ssl.get());
      const int error = done == 1 ? SSL_ERROR_NONE : SSL_get_error(ssl.get(), done);
      ERR_clear_error();
      if (error == SSL_ERROR_WANT_READ) waits_for = POLLIN;
      else if (error == SSL_ERROR_WANT_WRITE) waits_for = POLLOUT;
      else if (error == SSL_ERROR_NONE) SSL_shutdown(ssl.get());
      return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
    }
  };

  void accept_one() {
    descriptor socket(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    ssl_handle ssl(socket ? SSL_new(context.get()) : nullptr);
    if (!ssl || SSL_set_fd(ssl.get(), socket.get()) != 1) {
      ERR_clear_error();
      return;
    }
    open.push_back({std::move(socket), std::move(ssl), clock::now() + handshake_patience});
  }

  void run() {
    std::vector<pollfd> all;
    while (true) {
      const bool room = open.size() < at_once;
      all = {{stop.get(), POLLIN, 0}, {room ? listener.get() : -1, POLLIN, 0}};
      auto next = clock::now() + std::chrono::minutes(1);
      for (const auto& one : open) {
        all.push_back({one.socket.get(), one.waits_for, 0});
        next = std::min(next, one.until);
      }
      const auto wait = std::chrono::ceil<std::chrono::milliseconds>(next - clock::now()).count();
      if (::poll(all.data(), all.size(), static_cast<int>(std::max<long long>(wait, 0))) < 0) continue;
      if (all[0].revents != 0) return;
      const auto now = clock::now();
      std::size_t n = 2;
      std::erase_if(open, [&](connection& one) { return (all[n++].revents != 0 && !one.step()) || one.until <= now; });
      if (room && all[1].revents != 0) accept_one();
    }
  }

  std::mutex mutex;
  std::map<std::string, std::vector<shown>, std::less<>> certificates;
  descriptor listener, stop;
  context_handle context;
  std::vector<connection> open;  // the thread's alone
  std::uint16_t port = 0;
  std::thread thread;
};

tls_alpn01_listener::tls_alpn01_listener(std::unique_ptr<server> s) noexcept : server_(std::move(s)) {}
tls_alpn01_listener::tls_alpn01_listener(tls_alpn01_listener&&) noexcept = default;
tls_alpn01_listener& tls_alpn01_listener::operator=(tls_alpn01_listener&&) noexcept = default;
tls_alpn01_listener::~tls_alpn01_listener() = default;

result<tls_alpn01_listener> tls_alpn01_listener::open(std::string_view listen) {
  const auto socket = listen_on(listen);
  if (!socket) return socket.error();
  auto s = std::make_unique<server>();
  s->listener = descriptor(*socket);
  s->port = port_of(*socket);
  s->stop = descriptor(::eventfd(0, EFD_CLOEXEC));
  // A client that is gone again before accept4(2) must not hold the thread there.
  const bool ready = s->stop && ::fcntl(*socket, F_SETFL, O_NONBLOCK) == 0 && s->prepare();
  if (!ready)
    return fail(condition::operator_needed,
                "cannot serve tls-alpn-01 on " + quote(listen) + ": no memory or descriptor is left");
  s->thread = std::thread([&server = *s] { server.run(); });
  return tls_alpn01_listener(std::move(s));
}

void tls_alpn01_listener::add(std::string server_name, std::string token, x509::tls_alpn_certificate certificate) {
  remove(server_name, token);
  const std::lock_guard lock(server_->mutex);
  server_->certificates[std::move(server_name)].push_back({std::move(token), std::move(certificate)});
}

void tls_alpn01_listener::remove(std::string_view server_name, std::string_view token) {
  const std::lock_guard lock(server_->mutex);
  const auto found = server_->certificates.find(server_name);
  if (found == server_->certificates.end()) return;
  std::erase_if(found->second, [&](const shown& one) { return one.token == token; });
  if (found->second.empty()) server_->certificates.erase(found);
}

std::uint16_t tls_alpn01_listener::port() const noexcept { return server_->port; }

}  // namespace sealring::agent

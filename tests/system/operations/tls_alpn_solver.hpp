// tls-alpn-01 by a TLS server of the test's own, which knows nothing else.
#pragma once

#include "sealring/acme/solver.hpp"
#include "sealring/x509/tls_alpn.hpp"
#include "system/operations/bed.hpp"

#include <openssl/ssl.h>

#include <csignal>
#include <memory>
#include <mutex>
#include <thread>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sealring::test {

/// Shows one certificate at a time, and to who asks by that protocol for that name alone (RFC 8737 section 3).
class tls_alpn_solver {
public:
  explicit tls_alpn_solver(std::uint16_t port) : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    std::signal(SIGPIPE, SIG_IGN);
    const int on = 1;
    sockaddr_in any{};
    any.sin_family = AF_INET;
    any.sin_port = htons(port);
    ::setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    demand(::bind(socket_, reinterpret_cast<const sockaddr*>(&any), sizeof any) == 0 && ::listen(socket_, 16) == 0,
           "no port for tls-alpn-01");
    thread_ = std::thread{[this] { serve(); }};
  }
  tls_alpn_solver(const tls_alpn_solver&) = delete;
  tls_alpn_solver& operator=(const tls_alpn_solver&) = delete;
  ~tls_alpn_solver() {
    ::shutdown(socket_, SHUT_RDWR);  // which wakes accept
    thread_.join();
    ::close(socket_);
  }

  const acme::challenge* choose(const acme::authorization& a) const { return a.find(acme::tls_alpn01); }

  result<void> present(const identifier& id, const acme::challenge&, const std::string& key_authorization) {
    const auto made = x509::make_tls_alpn_certificate(id, hash<sha256>(as_bytes(key_authorization)).value()).value();
    std::shared_ptr<shown> one{new shown{x509::tls_alpn_server_name(id).value(), SSL_CTX_new(TLS_server_method())}};
    SSL_CTX_use_certificate(one->context.get(), made.certificate.get());
    SSL_CTX_use_PrivateKey(one->context.get(), made.key.get());
    SSL_CTX_set_alpn_select_cb(one->context.get(), select_protocol, nullptr);
    SSL_CTX_set_tlsext_servername_callback(one->context.get(), check_name);
    SSL_CTX_set_tlsext_servername_arg(one->context.get(), &one->name);
    const std::lock_guard lock{mutex_};
    shown_ = std::move(one);
    return {};
  }

  result<void> look(const identifier&, const acme::challenge&, const std::string&) const { return {}; }
  void clean_up(const identifier&, const acme::challenge&) noexcept {
    const std::lock_guard lock{mutex_};
    shown_.reset();
  }

private:
  struct shown {
    std::string name;
    detail::owned<SSL_CTX, SSL_CTX_free> context;
    shown(std::string n, SSL_CTX* c) : name{std::move(n)}, context{c} {}
  };

  static int check_name(SSL* tls, int*, void* name) {
    const char* asked = SSL_get_servername(tls, TLSEXT_NAMETYPE_host_name);
    return asked != nullptr && *static_cast<const std::string*>(name) == asked ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
  }

  static int select_protocol(SSL*, const unsigned char** out, unsigned char* size, const unsigned char* in, unsigned in_size,
                             void*) {
    const std::string_view ours = x509::acme_tls_protocol;
    const std::string offered{reinterpret_cast<const char*>(in), in_size};
    if (offered != static_cast<char>(ours.size()) + std::string{ours}) return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = in + 1;
    *size = static_cast<unsigned char>(ours.size());
    return SSL_TLSEXT_ERR_OK;
  }

  void serve() {
    while (true) {
      const int peer = ::accept(socket_, nullptr, nullptr);
      if (peer < 0) return;
      const timeval patience{5, 0};
      ::setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
      const auto now = [this] {
        const std::lock_guard lock{mutex_};
        return shown_;
      }();
      if (now) {
        const detail::owned<SSL, SSL_free> tls{SSL_new(now->context.get())};
        SSL_set_fd(tls.get(), peer);
        if (SSL_accept(tls.get()) == 1) SSL_shutdown(tls.get());
        ERR_clear_error();
      }
      ::close(peer);
    }
  }

  const int socket_;
  std::mutex mutex_{};
  std::shared_ptr<shown> shown_{};
  std::thread thread_{};
};
static_assert(acme::challenge_solver<tls_alpn_solver>);

}  // namespace sealring::test

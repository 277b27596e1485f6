// A TLS server on loopback that presents what it is told to, from one handshake to the next.
#pragma once

#include "agent/manager/listen_address.hpp"
#include "agent/supervisor/descriptor.hpp"
#include "unit/x509/issue.hpp"

#include <openssl/ssl.h>

#include <csignal>
#include <mutex>
#include <thread>

#include <sys/socket.h>

namespace sealring::test {

/// Takes connections, and says nothing.
class silent_server {
public:
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(agent::port_of(socket_.get())); }

private:
  agent::descriptor socket_{agent::listen_on("127.0.0.1:0").value()};
};

class tls_server {
public:
  struct identity {
    x509::certificate certificate;
    EVP_PKEY* key;
  };

  explicit tls_server(const std::vector<identity>& what, int newest = TLS1_3_VERSION) : newest_(newest) {
    std::signal(SIGPIPE, SIG_IGN);
    present(what);
    thread_ = std::thread([this] { serve(); });
  }
  tls_server(const tls_server&) = delete;
  tls_server& operator=(const tls_server&) = delete;
  ~tls_server() {
    ::shutdown(socket_.get(), SHUT_RDWR);  // which wakes accept
    thread_.join();
  }

  void present(const std::vector<identity>& what) {
    std::shared_ptr<SSL_CTX> made(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    SSL_CTX_set_max_proto_version(made.get(), newest_);
    for (const auto& [certificate, key] : what) {
      const auto der = certificate.der();
      REQUIRE(SSL_CTX_use_certificate_ASN1(made.get(), static_cast<int>(der.size()), der.data()) == 1);
      REQUIRE(SSL_CTX_use_PrivateKey(made.get(), key) == 1);
    }
    SSL_CTX_set_tlsext_servername_callback(made.get(), &tls_server::note_name);
    SSL_CTX_set_tlsext_servername_arg(made.get(), this);
    const std::lock_guard lock(mutex_);
    context_ = std::move(made);
  }

  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(agent::port_of(socket_.get())); }
  [[nodiscard]] std::string last_name() {
    const std::lock_guard lock(mutex_);
    return name_;
  }

private:
  static int note_name(SSL* tls, int*, void* self) {
    auto& server = *static_cast<tls_server*>(self);
    const char* const name = SSL_get_servername(tls, TLSEXT_NAMETYPE_host_name);
    const std::lock_guard lock(server.mutex_);
    server.name_ = name == nullptr ? "" : name;
    return SSL_TLSEXT_ERR_OK;
  }

  void serve() {
    while (true) {
      const agent::descriptor client(::accept(socket_.get(), nullptr, nullptr));
      if (!client) return;
      std::shared_ptr<SSL_CTX> context;
      {
        const std::lock_guard lock(mutex_);
        context = context_;
      }
      const detail::owned<SSL, SSL_free> tls(SSL_new(context.get()));
      SSL_set_fd(tls.get(), client.get());
      static_cast<void>(SSL_accept(tls.get()));
      ERR_clear_error();
    }
  }

  const int newest_;
  agent::descriptor socket_{agent::listen_on("127.0.0.1:0").value()};
  std::mutex mutex_;
  std::shared_ptr<SSL_CTX> context_;
  std::string name_;
  std::thread thread_;
};

}  // namespace sealring::test

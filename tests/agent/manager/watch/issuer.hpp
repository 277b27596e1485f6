// A CA for the watch's tests: it issues, publishes CRLs, and has CT logs; and a web server of the loopback for what it
// publishes.
#pragma once

#include "agent/scratch.hpp"
#include "sealring/x509/crl.hpp"
#include "unit/x509/issue.hpp"

#include <functional>
#include <mutex>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace sealring::test {

inline x509::certificate ca_certificate(const std::string& name = "ca", EVP_PKEY* key = evp_of<es256>()) {
  const std::string extensions = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign";
  return issue({.subject = name, .issuer = name, .extensions = extensions, .key = key, .issuer_key = key});
}

/// A list of `ca_certificate()`, of some hours around `now`.
inline std::string crl_of(x509::time_point now, const std::string& serial = {}, EVP_PKEY* key = evp_of<es256>()) {
  using namespace std::chrono_literals;
  const detail::owned<X509_CRL, X509_CRL_free> crl{X509_CRL_new()};
  const detail::owned<X509_NAME, X509_NAME_free> issuer{X509_NAME_new()};
  const detail::owned<ASN1_TIME, ASN1_TIME_free> time{ASN1_TIME_new()};
  set_name(issuer.get(), "ca");
  X509_CRL_set_version(crl.get(), X509_CRL_VERSION_2);
  X509_CRL_set_issuer_name(crl.get(), issuer.get());
  ASN1_TIME_set(time.get(), std::chrono::system_clock::to_time_t(now - 1h));
  X509_CRL_set1_lastUpdate(crl.get(), time.get());
  if (!serial.empty()) {
    detail::owned<X509_REVOKED, X509_REVOKED_free> revoked{X509_REVOKED_new()};
    const bytes raw = unhex(serial);
    const detail::bignum number{BN_bin2bn(raw.data(), static_cast<int>(raw.size()), nullptr)};
    const detail::asn1_integer value{BN_to_ASN1_INTEGER(number.get(), nullptr)};
    X509_REVOKED_set_serialNumber(revoked.get(), value.get());
    X509_REVOKED_set_revocationDate(revoked.get(), time.get());
    REQUIRE(X509_CRL_add0_revoked(crl.get(), revoked.release()) == 1);
  }
  ASN1_TIME_set(time.get(), std::chrono::system_clock::to_time_t(now + 8h));
  X509_CRL_set1_nextUpdate(crl.get(), time.get());
  REQUIRE(X509_CRL_sign(crl.get(), key, EVP_sha256()) > 0);
  ERR_clear_error();
  const bytes der = detail::to_der<i2d_X509_CRL>(crl.get());
  return {der.begin(), der.end()};
}

inline std::string ok(const std::string& body, const std::string& headers = {}) {
  return "HTTP/1.1 200 OK\r\n" + headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// Answers each connection's request with what `respond` makes of it, and closes it.
class web_server {
public:
  using responder = std::function<std::string(const std::string& request)>;

  explicit web_server(responder respond) : respond_{std::move(respond)}, socket_{::socket(AF_INET, SOCK_STREAM, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(socket_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(socket_, 64) == 0);
    REQUIRE(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/1.crl";
    thread_ = std::jthread{[this] { serve(); }};
  }
  web_server(const web_server&) = delete;
  web_server& operator=(const web_server&) = delete;
  ~web_server() { stop(); }

  void stop() {
    if (socket_ < 0) return;
    ::shutdown(socket_, SHUT_RDWR);  // which ends accept()
    thread_.join();
    ::close(socket_);
    socket_ = -1;
  }
  void answer_with(responder respond) {
    const std::lock_guard lock{mutex_};
    respond_ = std::move(respond);
  }
  std::size_t requests() {
    const std::lock_guard lock{mutex_};
    return requests_;
  }

  std::string url;

private:
  void serve() {
    for (int peer; (peer = ::accept(socket_, nullptr, nullptr)) >= 0; ::close(peer)) {
      std::string request;
      char buffer[4096];
      for (ssize_t got; request.find("\r\n\r\n") == request.npos && (got = ::recv(peer, buffer, sizeof buffer, 0)) > 0;)
        request.append(buffer, static_cast<std::size_t>(got));
      const std::lock_guard lock{mutex_};
      ++requests_;
      std::string answer = respond_(request);
      if (const auto end = answer.find("\r\n"); end != answer.npos) answer.insert(end, "\r\nConnection: close");
      for (std::size_t sent = 0; sent < answer.size();) {
        const auto one = ::send(peer, answer.data() + sent, answer.size() - sent, MSG_NOSIGNAL);
        if (one <= 0) break;
        sent += static_cast<std::size_t>(one);
      }
    }
  }

  std::mutex mutex_;
  responder respond_;
  std::size_t requests_ = 0;
  int socket_;
  std::jthread thread_;
};

}  // namespace sealring::test

// A certificate from an ACME CA with nothing of ours but the toolkit: your own signer, your own HTTP stack (here cpp-httplib).
//
// usage: own_signer_own_http DIRECTORY-URL CA-FILE HTTP-01-PORT NAME

#include "sealring/acme/client.hpp"
#include "sealring/ecdsa_der.hpp"
#include "sealring/public_key.hpp"

#include <httplib.h>

#include <iostream>
#include <mutex>

using namespace sealring;

/// A type, a public key and one function make a signer. Yours would ask an HSM, a cloud KMS or an agent; this asks libcrypto.
struct my_signer {
  using algorithm_type = es256;
  std::shared_ptr<EVP_PKEY> key{EVP_EC_gen("P-256"), EVP_PKEY_free};
  ec_public_key<p256> point = std::get<0>(from_spki(detail::to_der<i2d_PUBKEY>(key.get())).value());

  const ec_public_key<p256>& public_key() const noexcept { return point; }

  result<fixed_bytes<64>> sign(const digest<sha256>& in) const {
    const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> ctx{EVP_PKEY_CTX_new(key.get(), nullptr),
                                                                          EVP_PKEY_CTX_free};
    bytes der(80);
    std::size_t size = der.size();
    if (EVP_PKEY_sign_init(ctx.get()) != 1 ||
        EVP_PKEY_sign(ctx.get(), der.data(), &size, in.view().data(), in.view().size()) != 1)
      return fail(errc::crypto_library_failed);
    der.resize(size);
    return ecdsa_from_der<64>(der);
  }
};
static_assert(signer<my_signer>);

/// One function makes an HTTP client.
struct my_http {
  std::string ca_file;

  acme::result<http::response> perform(const http::request& asked) const {
    const std::size_t path = std::min(asked.url.find('/', std::string_view{"https://"}.size()), asked.url.size());
    httplib::Client server{asked.url.substr(0, path)};
    server.set_ca_cert_path(ca_file);
    const auto left = std::chrono::ceil<std::chrono::seconds>(asked.deadline - http::clock::now());
    server.set_connection_timeout(left);
    server.set_read_timeout(left);
    httplib::Request r;
    r.method = asked.verb == http::method::get ? "GET" : asked.verb == http::method::head ? "HEAD" : "POST";
    r.path = asked.url.substr(path);
    r.headers = {{"User-Agent", asked.user_agent}, {"Accept", asked.accept.empty() ? "*/*" : asked.accept}};
    if (!asked.content_type.empty()) r.headers.emplace("Content-Type", asked.content_type);
    r.body = asked.body;
    http::response answer;
    r.content_receiver = [&](const char* data, std::size_t size, std::uint64_t, std::uint64_t) {
      answer.body.append(data, size);
      return answer.body.size() <= asked.max_body;
    };
    const auto result = server.send(r);
    if (!result) return acme::failure{acme::errc::transport, asked.url + ": " + httplib::to_string(result.error())};
    answer.status = result->status;
    for (const auto& [name, value] : result->headers) answer.headers.push_back({name, value});
    return answer;
  }
};
static_assert(http::client<my_http>);

/// Four functions make a challenge solver: this one is a web server that knows the key authorizations.
class my_solver {
public:
  explicit my_solver(int port) {
    server_.Get(R"(/\.well-known/acme-challenge/(.+))", [this](const httplib::Request& asked, httplib::Response& answer) {
      const std::lock_guard lock{mutex_};
      answer.set_content(shown_[asked.matches[1]], "application/octet-stream");
    });
    if (!server_.bind_to_port("127.0.0.1", port)) throw std::runtime_error{"cannot listen on port " + std::to_string(port)};
    thread_ = std::thread{[this] { server_.listen_after_bind(); }};
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~my_solver() {
    server_.stop();
    thread_.join();
  }

  const acme::challenge* choose(const acme::authorization& a) const noexcept { return a.find(acme::http01); }
  result<void> present(const identifier&, const acme::challenge& c, const std::string& key_authorization) {
    const std::lock_guard lock{mutex_};
    shown_[c.token] = key_authorization;
    return {};
  }
  result<void> look(const identifier&, const acme::challenge&, const std::string&) { return {}; }  // it can be seen at once
  void clean_up(const identifier&, const acme::challenge& c) noexcept {
    const std::lock_guard lock{mutex_};
    shown_.erase(c.token);
  }

private:
  httplib::Server server_;
  std::mutex mutex_;
  std::map<std::string, std::string> shown_;
  std::thread thread_;
};

int main(int argc, char** argv) try {
  if (argc != 5) return std::cerr << "usage: own_signer_own_http DIRECTORY-URL CA-FILE HTTP-01-PORT NAME\n", 2;
  auto ca = acme::client<my_signer, my_http>::connect({argv[2]}, {}, argv[1]).value();
  ca.register_account({.contact = {"mailto:me@example.com"}, .terms_of_service_agreed = true}).value();
  const std::vector names{parse_identifier(argv[4]).value()};
  my_solver solver{std::stoi(argv[3])};
  std::cout << ca.obtain(names, my_signer{}, solver).value().pem;
} catch (const std::exception& e) {
  std::cerr << "own_signer_own_http: " << e.what() << '\n';
  return 1;
}

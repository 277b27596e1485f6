#include "agent/doctor/test_server.hpp"

#include "agent/text.hpp"

#include <openssl/conf.h>
#include <openssl/provider.h>

#include <dlfcn.h>

namespace sealring::agent::doctor {

namespace {

using tls = sealring::detail::owned<SSL, SSL_free>;

failure by_openssl(const std::string& what) { return fail(condition::operator_needed, what + ": " + last_words()); }

/// Whether the two are through. What one writes the other reads.
bool pump(SSL* server, SSL* client) {
  for (int turn = 0; turn < 20; ++turn) {
    for (SSL* const side : {client, server}) {
      const int done = SSL_do_handshake(side);
      if (done == 1) continue;
      if (SSL_get_error(side, done) != SSL_ERROR_WANT_READ) return false;
    }
    if (SSL_is_init_finished(server) != 0 && SSL_is_init_finished(client) != 0) return true;
  }
  return false;
}

}  // namespace

std::string last_words() {
  std::string causes, others;  // where a layer names its cause, those above it add nothing to it
  const char *data = nullptr, *file = nullptr, *function = nullptr;
  int line = 0, flags = 0;
  while (const unsigned long code = ERR_get_error_all(&file, &line, &function, &data, &flags)) {
    const char* const reason = ERR_reason_error_string(code);
    std::string one = reason != nullptr ? reason : "error " + std::to_string(code);
    const bool cause = (flags & ERR_TXT_STRING) != 0 && data != nullptr && *data != '\0';
    if (cause) one += ": " + std::string{data};
    std::string& all = cause ? causes : others;
    if (all.find(one) == std::string::npos) all += (all.empty() ? "" : "; ") + one;
  }
  if (causes.empty() && others.empty()) return "OpenSSL says no more";
  return causes.empty() ? others : causes;
}

std::string why_not_loaded(const std::string& openssl_conf) {
  const sealring::detail::owned<CONF, NCONF_free> file{NCONF_new(nullptr)};
  const char* module = nullptr;
  if (file && NCONF_load(file.get(), openssl_conf.c_str(), nullptr) == 1) {
    const char* section = NCONF_get_string(file.get(), nullptr, "openssl_conf");
    for (const char* const name : {"providers", "sealring"})
      section = section != nullptr ? NCONF_get_string(file.get(), section, name) : nullptr;
    module = section != nullptr ? NCONF_get_string(file.get(), section, "module") : nullptr;
  }
  ERR_clear_error();
  if (module != nullptr && ::dlopen(module, RTLD_NOW | RTLD_LOCAL) == nullptr) {
    const char* const why = ::dlerror();
    return "the module that openssl.cnf names cannot be loaded: " + std::string{why != nullptr ? why : module};
  }
  return "openssl.cnf does not activate sealring";
}

result<test_server> test_server::configured(const std::string& openssl_conf) {
  test_server made;
  made.library_.reset(OSSL_LIB_CTX_new());
  made.clients_.reset(OSSL_LIB_CTX_new());
  if (!made.library_ || !made.clients_) return by_openssl("no library context");
  if (OSSL_LIB_CTX_load_config(made.library_.get(), openssl_conf.c_str()) != 1) return by_openssl(quote(openssl_conf));
  return made;
}

bool test_server::has(const char* provider) const noexcept { return OSSL_PROVIDER_available(library_.get(), provider) == 1; }

result<void> test_server::make_ephemeral_key() const {
  const sealring::detail::evp_pkey made{EVP_PKEY_Q_keygen(library_.get(), nullptr, "EC", "P-256")};
  if (!made) return by_openssl("no ephemeral key of P-256 can be made");
  return {};
}

result<void> test_server::load_key(const std::filesystem::path& live) {
  const auto file = live / "privkey.pem";
  const sealring::detail::bio in{BIO_new_file(file.c_str(), "r")};
  if (!in) return by_openssl(quote(file.string()) + " cannot be opened");
  key_.reset(PEM_read_bio_PrivateKey_ex(in.get(), nullptr, nullptr, nullptr, library_.get(), nullptr));
  if (!key_) return by_openssl(quote(file.string()) + " cannot be loaded");
  return {};
}

result<void> test_server::load_certificate(const std::filesystem::path& live) {
  const auto file = live / "fullchain.pem";
  context_.reset(SSL_CTX_new_ex(library_.get(), nullptr, TLS_server_method()));
  if (!context_) return by_openssl("no TLS");
  if (SSL_CTX_use_certificate_chain_file(context_.get(), file.c_str()) != 1)
    return by_openssl(quote(file.string()) + " cannot be loaded");
  if (SSL_CTX_use_PrivateKey(context_.get(), key_.get()) != 1 || SSL_CTX_check_private_key(context_.get()) != 1)
    return by_openssl("the key is not that of " + quote(file.string()));
  return {};
}

result<void> test_server::shake_hands(int version) const {
  const tls_context of_client{SSL_CTX_new_ex(clients_.get(), nullptr, TLS_client_method())};
  const tls server{SSL_new(context_.get())};
  const tls client{of_client ? SSL_new(of_client.get()) : nullptr};
  BIO *to_server = nullptr, *to_client = nullptr;
  if (!server || !client || BIO_new_bio_pair(&to_server, 0, &to_client, 0) != 1) return by_openssl("no TLS");
  SSL_set_bio(server.get(), to_server, to_server);
  SSL_set_bio(client.get(), to_client, to_client);
  SSL_set_accept_state(server.get());
  SSL_set_connect_state(client.get());
  if (SSL_set_min_proto_version(client.get(), version) != 1 || SSL_set_max_proto_version(client.get(), version) != 1 ||
      !pump(server.get(), client.get()))
    return by_openssl("no handshake");
  ERR_clear_error();
  return {};
}

}  // namespace sealring::agent::doctor

#include "agent/doctor/test_server.hpp"

#include "agent/text.hpp"

#include <openssl/conf.h>
#include <openssl/provider.h>

#include <dlfcn.h>

#include <cstring>

namespace sealring::agent::doctor {

namespace {

using tls = sealring::detail::owned<SSL, SSL_free>;
using tls_context = sealring::detail::owned<SSL_CTX, SSL_CTX_free>;

failure by_openssl(const std::string& what) { return fail(condition::operator_needed, what + ": " + last_words()); }

/// A peer for ours; as a server, one with a certificate of its own making, which takes any client's.
tls_context make_peer(OSSL_LIB_CTX* library, bool as_server) {
  tls_context made{SSL_CTX_new_ex(library, nullptr, TLS_method())};
  if (!made || !as_server) return made;
  const sealring::detail::evp_pkey key{EVP_PKEY_Q_keygen(library, nullptr, "EC", "P-256")};
  const sealring::detail::x509 own{X509_new_ex(library, nullptr)};
  constexpr long hour = 3600;
  if (!key || !own || ASN1_INTEGER_set(X509_get_serialNumber(own.get()), 1) != 1 ||
      X509_gmtime_adj(X509_getm_notBefore(own.get()), -hour) == nullptr ||
      X509_gmtime_adj(X509_getm_notAfter(own.get()), hour) == nullptr || X509_set_pubkey(own.get(), key.get()) != 1 ||
      X509_sign(own.get(), key.get(), EVP_sha256()) <= 0 || SSL_CTX_use_certificate(made.get(), own.get()) != 1 ||
      SSL_CTX_use_PrivateKey(made.get(), key.get()) != 1)
    return {};
  SSL_CTX_set_verify(made.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, [](int, X509_STORE_CTX*) { return 1; });
  return made;
}

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
    const char* const reason = ERR_SYSTEM_ERROR(code) ? std::strerror(ERR_GET_REASON(code)) : ERR_reason_error_string(code);
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
  made.peers_.reset(OSSL_LIB_CTX_new());
  if (!made.library_ || !made.peers_) return by_openssl("no library context");
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
  context_.reset(SSL_CTX_new_ex(library_.get(), nullptr, TLS_method()));
  if (!context_) return by_openssl("no TLS");
  if (SSL_CTX_use_certificate_chain_file(context_.get(), file.c_str()) != 1)
    return by_openssl(quote(file.string()) + " cannot be loaded");
  if (SSL_CTX_use_PrivateKey(context_.get(), key_.get()) != 1 || SSL_CTX_check_private_key(context_.get()) != 1)
    return by_openssl("the key is not that of " + quote(file.string()));
  return {};
}

result<void> test_server::shake_hands(int version, bool as_client) const {
  const tls_context of_peer = make_peer(peers_.get(), as_client);
  const tls ours{SSL_new(context_.get())};
  const tls peer{of_peer ? SSL_new(of_peer.get()) : nullptr};
  BIO *our_end = nullptr, *its_end = nullptr;
  if (!ours || !peer || BIO_new_bio_pair(&our_end, 0, &its_end, 0) != 1) return by_openssl("no TLS");
  SSL_set_bio(ours.get(), our_end, our_end);
  SSL_set_bio(peer.get(), its_end, its_end);
  SSL* const server = as_client ? peer.get() : ours.get();
  SSL* const client = as_client ? ours.get() : peer.get();
  SSL_set_accept_state(server);
  SSL_set_connect_state(client);
  if (SSL_set_min_proto_version(client, version) != 1 || SSL_set_max_proto_version(client, version) != 1 ||
      !pump(server, client))
    return by_openssl("no handshake");
  ERR_clear_error();
  return {};
}

}  // namespace sealring::agent::doctor

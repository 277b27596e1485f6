// Full TLS 1.3 handshakes, client and server on one thread and with nothing but memory between them: what a signature is a
// part of. The client has the server's certificate for its trust anchor, and so verifies each signature and no chain.
#include "bench/layer_evp.hpp"
#include "sealring/public_key.hpp"

#include <openssl/ssl.h>

namespace sealring::bench {
namespace {

using tls_context = detail::owned<SSL_CTX, SSL_CTX_free>;
using tls_end = detail::owned<SSL, SSL_free>;
using x509 = detail::owned<X509, X509_free>;

/// RFC 8446 section 4.2.3.
const char* scheme_of(algorithm_id id) {
  switch (id) {
    case algorithm_id::es256: return "ecdsa_secp256r1_sha256";
    case algorithm_id::es384: return "ecdsa_secp384r1_sha384";
    case algorithm_id::es512: return "ecdsa_secp521r1_sha512";
    case algorithm_id::eddsa: return "ed25519";
    case algorithm_id::ps256: return "rsa_pss_rsae_sha256";
    case algorithm_id::rs256: break;
  }
  return nullptr;
}

/// Signed by a key that is forgotten: an agent's key signs no certificates.
x509 certificate_for(const any_public_key& key) {
  const auto spki = to_spki(key);
  if (!spki) return nullptr;
  const auto half = detail::from_der<detail::evp_pkey, d2i_PUBKEY>(*spki);
  const detail::evp_pkey issuer{EVP_EC_gen("P-256")};
  x509 made{X509_new()};
  constexpr long day = 86'400;
  const bool good = half && issuer && made && X509_set_version(made.get(), X509_VERSION_3) == 1 &&
                    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1) == 1 &&
                    X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_ASC,
                                               reinterpret_cast<const unsigned char*>("bench.test"), -1, -1, 0) == 1 &&
                    X509_set_issuer_name(made.get(), X509_get_subject_name(made.get())) == 1 &&
                    X509_gmtime_adj(X509_getm_notBefore(made.get()), -day) != nullptr &&
                    X509_gmtime_adj(X509_getm_notAfter(made.get()), 30 * day) != nullptr &&
                    X509_set_pubkey(made.get(), half.get()) == 1 && X509_sign(made.get(), issuer.get(), EVP_sha256()) > 0;
  return good ? std::move(made) : nullptr;
}

class tls_layer final : public evp_layer {
public:
  tls_layer(evp_key key, tls_context server, tls_context client)
      : evp_layer{std::move(key)}, server_{std::move(server)}, client_{std::move(client)} {}
  sealring::result<std::unique_ptr<worker>> make_worker(unsigned) override {
    return std::unique_ptr<worker>{std::make_unique<blocking_worker>([this](bytes_view) -> sealring::result<bytes> {
      if (shake_hands()) return bytes{};
      ERR_clear_error();
      return sealring::fail(sealring::errc::crypto_library_failed);
    })};
  }
  bool verifies_itself() const override { return true; }

private:
  bool shake_hands() const {
    const tls_end client{SSL_new(client_.get())}, server{SSL_new(server_.get())};
    BIO* ends[2]{};
    if (!client || !server || BIO_new_bio_pair(&ends[0], 0, &ends[1], 0) != 1) return false;
    SSL_set_bio(client.get(), ends[0], ends[0]);
    SSL_set_bio(server.get(), ends[1], ends[1]);
    SSL_set_connect_state(client.get());
    SSL_set_accept_state(server.get());
    // Hello, the server's flight, the client's Finished: a third turn would be one too many.
    for (int turn = 0; turn != 3; ++turn) {
      bool done = true;
      for (SSL* const end : {client.get(), server.get()}) {
        ERR_clear_error();  // SSL_get_error looks at the thread's queue, in which the other end's provider may have left
                            // something
        const int is = SSL_do_handshake(end);
        if (is != 1 && SSL_get_error(end, is) != SSL_ERROR_WANT_READ) return false;
        done = done && is == 1;
      }
      if (done) return true;
    }
    return false;
  }

  tls_context server_, client_;
};

using load_key_by = result<evp_key> (*)(bed&, const kind&);

result<std::unique_ptr<layer>> make_tls(bed& b, const kind& k, load_key_by load) {
  const char* const scheme = scheme_of(k.algorithm);
  if (scheme == nullptr) return fail(condition::unsupported, "TLS 1.3 has no signatures of PKCS#1 v1.5");
  auto key = load(b, k);
  if (!key) return key.error();
  const x509 certificate = certificate_for(key->public_key);
  tls_context server{SSL_CTX_new_ex(key->context, nullptr, TLS_server_method())}, client{SSL_CTX_new(TLS_client_method())};
  const bool good = certificate && server && client &&                                                    //
                    SSL_CTX_set_min_proto_version(server.get(), TLS1_3_VERSION) == 1 &&                   //
                    SSL_CTX_set_num_tickets(server.get(), 0) == 1 &&                                      //
                    SSL_CTX_use_certificate(server.get(), certificate.get()) == 1 &&                      //
                    SSL_CTX_use_PrivateKey(server.get(), key->key.get()) == 1 &&                          //
                    SSL_CTX_set1_sigalgs_list(client.get(), scheme) == 1 &&                               //
                    X509_STORE_add_cert(SSL_CTX_get_cert_store(client.get()), certificate.get()) == 1 &&  //
                    X509_STORE_set_flags(SSL_CTX_get_cert_store(client.get()), X509_V_FLAG_PARTIAL_CHAIN) == 1;
  ERR_clear_error();
  if (!good) return fail(condition::unsupported, "OpenSSL makes no TLS server with this key");
  SSL_CTX_set_session_cache_mode(server.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_verify(client.get(), SSL_VERIFY_PEER, nullptr);
  return std::unique_ptr<layer>{std::make_unique<tls_layer>(*std::move(key), std::move(server), std::move(client))};
}

}  // namespace

result<std::unique_ptr<layer>> make_tls_libcrypto(bed& b, const kind& k) {
  return make_tls(b, k, [](bed&, const kind& of) { return evp_key_in_memory(of); });
}
result<std::unique_ptr<layer>> make_tls_pkcs11_provider(bed& b, const kind& k) {
  return make_tls(b, k, evp_key_by_pkcs11_provider);
}
result<std::unique_ptr<layer>> make_tls_sealring_provider(bed& b, const kind& k) { return make_tls(b, k, evp_key_by_sealring); }

}  // namespace sealring::bench

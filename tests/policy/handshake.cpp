#include "policy/handshake.hpp"

#include "unit/x509/issue.hpp"

namespace sealring::test {
namespace {

using ssl_ctx = detail::owned<SSL_CTX, SSL_CTX_free>;
using ssl = detail::owned<SSL, SSL_free>;

void record(int, int, int content_type, const void* data, std::size_t size, SSL*, void* arg) {
  if (content_type != SSL3_RT_HANDSHAKE) return;
  const auto* first = static_cast<const std::uint8_t*>(data);
  static_cast<std::vector<bytes>*>(arg)->emplace_back(first, first + size);
}

ssl_ctx context(const SSL_METHOD* method, const handshake_wish& wish, EVP_PKEY* key) {
  ssl_ctx ctx{SSL_CTX_new(method)};
  REQUIRE(SSL_CTX_set_min_proto_version(ctx.get(), wish.version) == 1);
  REQUIRE(SSL_CTX_set_max_proto_version(ctx.get(), wish.version) == 1);
  // The first is used; TLS 1.2 wants the curve of an ECDSA certificate among them too (RFC 8422 section 5.1).
  const std::string groups = wish.group == std::string{"P-256"} ? wish.group : std::string{wish.group} + ":P-256";
  REQUIRE(SSL_CTX_set1_groups_list(ctx.get(), groups.c_str()) == 1);
  REQUIRE(SSL_CTX_set1_sigalgs_list(ctx.get(), wish.signatures) == 1);
  REQUIRE(SSL_CTX_set_ciphersuites(ctx.get(), wish.suite_13) == 1);
  if (key == nullptr) return ctx;
  const bytes der = issue_der({.key = key, .issuer_key = key});
  REQUIRE(SSL_CTX_use_certificate_ASN1(ctx.get(), static_cast<int>(der.size()), der.data()) == 1);
  REQUIRE(SSL_CTX_use_PrivateKey(ctx.get(), key) == 1);
  return ctx;
}

algorithm_id algorithm_of_scheme(unsigned scheme) {
  switch (scheme) {
    case 0x0403: return algorithm_id::es256;
    case 0x0503: return algorithm_id::es384;
    case 0x0603: return algorithm_id::es512;
    case 0x0804: return algorithm_id::ps256;
    case 0x0401: return algorithm_id::rs256;
    case 0x0807: return algorithm_id::eddsa;
    default: FAIL("a signature scheme that was not asked for"); return {};
  }
}

const EVP_MD* md_of(algorithm_id id) {
  switch (id) {
    case algorithm_id::es384: return EVP_sha384();
    case algorithm_id::es512: return EVP_sha512();
    case algorithm_id::eddsa: return nullptr;
    default: return EVP_sha256();
  }
}

// `tail` is what follows the parameters: scheme, length, signature.
signed_content proven(EVP_PKEY* key, bytes content, bytes_view tail) {
  const algorithm_id id = algorithm_of_scheme(static_cast<unsigned>(tail[0] << 8 | tail[1]));
  const detail::evp_md_ctx ctx{EVP_MD_CTX_new()};
  EVP_PKEY_CTX* pkey_ctx = nullptr;
  REQUIRE(EVP_DigestVerifyInit(ctx.get(), &pkey_ctx, md_of(id), nullptr, key) == 1);
  if (id == algorithm_id::ps256) {
    EVP_PKEY_CTX_set_rsa_padding(pkey_ctx, RSA_PKCS1_PSS_PADDING);
    EVP_PKEY_CTX_set_rsa_pss_saltlen(pkey_ctx, RSA_PSS_SALTLEN_DIGEST);
  }
  REQUIRE(EVP_DigestVerify(ctx.get(), tail.data() + 4, tail.size() - 4, content.data(), content.size()) == 1);
  return {id, std::move(content)};
}

bytes content_13(std::string_view context, const std::vector<bytes>& before, const EVP_MD* md) {
  bytes transcript;
  for (const bytes& m : before) transcript.insert(transcript.end(), m.begin(), m.end());
  bytes hash(static_cast<std::size_t>(EVP_MD_get_size(md)));
  EVP_Digest(transcript.data(), transcript.size(), hash.data(), nullptr, md, nullptr);
  bytes content(64, ' ');
  content.insert(content.end(), context.begin(), context.end());
  content.push_back(0);
  content.insert(content.end(), hash.begin(), hash.end());
  return content;
}

}  // namespace

handshake shake(const handshake_wish& wish) {
  const ssl_ctx server_ctx = context(TLS_server_method(), wish, wish.server_key);
  const ssl_ctx client_ctx = context(TLS_client_method(), wish, wish.client_key);
  if (wish.client_key != nullptr) SSL_CTX_set_verify(server_ctx.get(), SSL_VERIFY_PEER, [](int, X509_STORE_CTX*) { return 1; });
  const ssl server{SSL_new(server_ctx.get())};
  const ssl client{SSL_new(client_ctx.get())};
  BIO* ends[2] = {};
  REQUIRE(BIO_new_bio_pair(&ends[0], 0, &ends[1], 0) == 1);
  SSL_set_bio(server.get(), ends[0], ends[0]);
  SSL_set_bio(client.get(), ends[1], ends[1]);
  SSL_set_accept_state(server.get());
  SSL_set_connect_state(client.get());
  std::vector<bytes> messages;
  SSL_set_msg_callback(server.get(), record);
  SSL_set_msg_callback_arg(server.get(), &messages);
  for (int turn = 0; turn < 20 && (SSL_is_init_finished(server.get()) == 0 || SSL_is_init_finished(client.get()) == 0);
       ++turn) {
    SSL_do_handshake(client.get());
    SSL_do_handshake(server.get());
  }
  REQUIRE(SSL_is_init_finished(server.get()) == 1);
  REQUIRE(SSL_is_init_finished(client.get()) == 1);
  ERR_clear_error();

  constexpr std::size_t header = 4;
  const EVP_MD* md = SSL_CIPHER_get_handshake_digest(SSL_get_current_cipher(server.get()));
  std::optional<signed_content> by_server, by_client;
  for (auto m = messages.begin(); m != messages.end(); ++m) {
    const std::vector<bytes> before(messages.begin(), m);
    const bytes_view body = bytes_view{*m}.subspan(header);
    const bool is_verify = m->front() == SSL3_MT_CERTIFICATE_VERIFY;
    if (wish.version == TLS1_3_VERSION && is_verify && !by_server) {
      by_server = proven(wish.server_key, content_13("TLS 1.3, server CertificateVerify", before, md), body);
    } else if (wish.version == TLS1_3_VERSION && is_verify) {
      by_client = proven(wish.client_key, content_13("TLS 1.3, client CertificateVerify", before, md), body);
    } else if (is_verify) {
      bytes transcript;
      for (const bytes& one : before) transcript.insert(transcript.end(), one.begin(), one.end());
      by_client = proven(wish.client_key, std::move(transcript), body);
    } else if (wish.version == TLS1_2_VERSION && m->front() == SSL3_MT_SERVER_KEY_EXCHANGE) {
      const std::size_t size = std::size_t{4} + body[3];
      bytes content(64);
      SSL_get_client_random(server.get(), content.data(), 32);
      SSL_get_server_random(server.get(), content.data() + 32, 32);
      content.insert(content.end(), body.begin(), body.begin() + static_cast<std::ptrdiff_t>(size));
      by_server = proven(wish.server_key, std::move(content), body.subspan(size));
    }
  }
  REQUIRE(by_server);
  return {*std::move(by_server), std::move(by_client)};
}

}  // namespace sealring::test

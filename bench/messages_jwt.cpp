// cpp-jwt makes JWTs only, and compact: the same four header members where it lets one add them, and claims of the same size.
#include "messages.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <jwt/jwt.hpp>

#include <string>

namespace bench {
namespace {

const std::string& private_pem() {
  static const std::string pem = [] {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    BIO* out = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
    char* text = nullptr;
    const long size = BIO_get_mem_data(out, &text);
    std::string copy(text, static_cast<std::size_t>(size));
    BIO_free(out);
    EVP_PKEY_free(key);
    return copy;
  }();
  return pem;
}

std::size_t jwt(const char* algorithm, const std::string& secret) {
  using namespace ::jwt::params;
  ::jwt::jwt_object token{
      ::jwt::params::algorithm(algorithm), ::jwt::params::secret(secret),
      headers({{"kid", "https://ca.example/acme/acct/1234567890"},
               {"nonce", "oFvnlFP1wIhRlYS2jTaXbA3ThmAYY6ODuSPhQqGXwzE"},
               {"url", "https://ca.example/acme/new-order"}}),
      ::jwt::params::payload(
          {{"identifiers", "www.example.com,example.com,mail.example.com,intranet.example.com,imap.example.com"},
           {"types", "dns,dns,dns,dns,dns,dns,dns,dns,dns,dns,dns,dns,dns,dns"},
           {"profile", "tlsserver"}})};
  return token.signature().size();
}

constexpr message_row rows[] = {
    {"JWT cpp-jwt", [] { return jwt("ES256", private_pem()); }},
    {"JWT cpp-jwt, HS256", [] { return jwt("HS256", "a secret of thirty-two octets...."); }},
    {"JWT cpp-jwt, unsigned", [] { return jwt("NONE", ""); }},
};

}  // namespace

std::span<const message_row> jwt_rows() { return rows; }

}  // namespace bench

// OpenSSL's own interface, as a TLS server uses it: EVP_DigestSign with a key that is elsewhere, by pkcs11-provider, by libp11,
// or by our provider.
#include "bench/layer_evp.hpp"
#include "hsm/with_algorithm.hpp"
#include "sealring/ecdsa_der.hpp"

#include <openssl/rsa.h>

namespace sealring::bench {
namespace {

const char* hash_of(algorithm_id id) {
  switch (id) {
    case algorithm_id::es384: return "SHA384";
    case algorithm_id::es512: return "SHA512";
    case algorithm_id::eddsa: return nullptr;
    default: return "SHA256";
  }
}

/// r||s, as all other layers give it.
sealring::result<bytes> in_own_encoding(algorithm_id id, bytes signature) {
  return hsm::with_algorithm(id, [&signature]<class A>(A) -> sealring::result<bytes> {
    if constexpr (requires { typename A::curve; }) {
      const auto rs = ecdsa_from_der<std::tuple_size_v<typename A::signature>>(signature);
      if (!rs) return rs.error();
      return bytes(rs->begin(), rs->end());
    } else {
      return std::move(signature);
    }
  });
}

sealring::result<bytes> digest_sign(const evp_key& with, algorithm_id id, bytes_view message) {
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> ctx{EVP_MD_CTX_new(), EVP_MD_CTX_free};
  EVP_PKEY_CTX* how = nullptr;
  bytes signature(1024);
  std::size_t size = signature.size();
  const bool good = EVP_DigestSignInit_ex(ctx.get(), &how, hash_of(id), with.context, nullptr, with.key.get(), nullptr) > 0 &&
                    (id != algorithm_id::ps256 || (EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING) > 0 &&
                                                   EVP_PKEY_CTX_set_rsa_pss_saltlen(how, RSA_PSS_SALTLEN_DIGEST) > 0)) &&
                    EVP_DigestSign(ctx.get(), signature.data(), &size, message.data(), message.size()) > 0;
  if (!good) {
    ERR_clear_error();
    return sealring::fail(sealring::errc::crypto_library_failed);
  }
  signature.resize(size);
  return in_own_encoding(id, std::move(signature));
}

class digest_sign_layer final : public evp_layer {
public:
  digest_sign_layer(evp_key key, algorithm_id algorithm) : evp_layer{std::move(key)}, algorithm_{algorithm} {}
  sealring::result<std::unique_ptr<worker>> make_worker(unsigned) override {
    return std::unique_ptr<worker>{
        std::make_unique<blocking_worker>([this](bytes_view message) { return digest_sign(key_, algorithm_, message); })};
  }

private:
  algorithm_id algorithm_;
};

result<std::unique_ptr<layer>> make_by_evp(result<evp_key> key, const kind& k) {
  if (!key) return key.error();
  return std::unique_ptr<layer>{std::make_unique<digest_sign_layer>(*std::move(key), k.algorithm)};
}

}  // namespace

result<std::unique_ptr<layer>> make_pkcs11_provider(bed& b, const kind& k) {
  return make_by_evp(evp_key_by_pkcs11_provider(b, k), k);
}
result<std::unique_ptr<layer>> make_libp11(bed& b, const kind& k) { return make_by_evp(evp_key_by_libp11(b, k), k); }
result<std::unique_ptr<layer>> make_sealring_provider(bed& b, const kind& k) {
  return make_by_evp(evp_key_by_sealring(b, k), k);
}

}  // namespace sealring::bench

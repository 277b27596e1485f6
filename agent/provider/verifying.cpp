#include "agent/provider/verifying.hpp"

namespace sealring::provider {

verifying::verifying(const verifying& other) : key_{other.key_} {
  if (other.of_digests_) of_digests_.reset(EVP_PKEY_CTX_dup(other.of_digests_.get()));
  if (other.of_messages_) {
    of_messages_.reset(EVP_MD_CTX_new());
    if (!of_messages_ || EVP_MD_CTX_copy_ex(of_messages_.get(), other.of_messages_.get()) != 1) throw std::bad_alloc{};
  }
  key_->share();
}

bool verifying::begin(const OSSL_PARAM params[]) {
  of_messages_.reset();
  of_digests_.reset(EVP_PKEY_CTX_new_from_pkey(key_->owner().library(), key_->public_half(), nullptr));
  return of_digests_ && EVP_PKEY_verify_init_ex(of_digests_.get(), params) == 1;
}

bool verifying::begin(const char* hash, const OSSL_PARAM params[]) {
  of_digests_.reset();
  of_messages_.reset(EVP_MD_CTX_new());
  return of_messages_ && EVP_DigestVerifyInit_ex(of_messages_.get(), nullptr, hash, key_->owner().library(), nullptr,
                                                 key_->public_half(), params) == 1;
}

bool verifying::verify(bytes_view signature, bytes_view digest) const {
  return of_digests_ &&
         EVP_PKEY_verify(of_digests_.get(), signature.data(), signature.size(), digest.data(), digest.size()) == 1;
}

bool verifying::verify_message(bytes_view signature, message m) const {
  return of_messages_ && EVP_DigestVerify(of_messages_.get(), signature.data(), signature.size(), m.data(), m.size()) == 1;
}

bool verifying::add(bytes_view part) const {
  return of_messages_ && EVP_DigestVerifyUpdate(of_messages_.get(), part.data(), part.size()) == 1;
}

bool verifying::finish(bytes_view signature) const {
  return of_messages_ && EVP_DigestVerifyFinal(of_messages_.get(), signature.data(), signature.size()) == 1;
}

EVP_PKEY_CTX* verifying::settings() const noexcept {
  return of_messages_ ? EVP_MD_CTX_get_pkey_ctx(of_messages_.get()) : of_digests_.get();
}

bool verifying::set(const OSSL_PARAM params[]) const {
  return settings() != nullptr && EVP_PKEY_CTX_set_params(settings(), params) == 1;
}

bool verifying::get(OSSL_PARAM params[]) const {
  return settings() != nullptr && EVP_PKEY_CTX_get_params(settings(), params) == 1;
}

}  // namespace sealring::provider

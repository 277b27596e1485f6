// Verification, which needs no agent: the public half, in the library that has the default provider alone.
#pragma once

#include "agent/provider/key.hpp"

namespace sealring::provider {

class verifying {
public:
  explicit verifying(key& k) noexcept : key_{&k} { k.share(); }
  verifying(const verifying&);
  verifying& operator=(const verifying&) = delete;
  ~verifying() { key::release(key_); }

  /// Of digests.
  bool begin(const OSSL_PARAM params[]);
  /// Of messages, by the hash of this name.
  bool begin(const char* hash, const OSSL_PARAM params[]);

  bool verify(bytes_view signature, bytes_view digest) const;
  bool verify_message(bytes_view signature, message) const;
  bool add(bytes_view part) const;
  bool finish(bytes_view signature) const;

  bool set(const OSSL_PARAM params[]) const;
  bool get(OSSL_PARAM params[]) const;

private:
  EVP_PKEY_CTX* settings() const noexcept;

  key* key_;
  detail::evp_pkey_ctx of_digests_;
  detail::evp_md_ctx of_messages_;
};

}  // namespace sealring::provider

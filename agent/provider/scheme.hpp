// How a signature is to be made, as OpenSSL's callers say it piece by piece, and which of the wire's algorithms that is.
#pragma once

#include "agent/provider/key.hpp"

namespace sealring::provider {

class scheme {
public:
  /// What a key does where nobody asks for anything else. It must have a private half.
  explicit scheme(const key& k) noexcept : owner_{&k.owner()}, algorithm_{k.private_half()->usual} {}

  /// By any of its names; empty or nullptr for the usual one. False, and an error, where it is not the hash of this key.
  bool set_hash(const char* name) const;
  /// "digest", "pad-mode", "saltlen", "mgf1-digest" (provider-signature(7)), in each of the forms that OpenSSL's own take.
  bool set(const OSSL_PARAM params[]);
  /// The same, and "algorithm-id", which goes into certificates.
  bool get(OSSL_PARAM params[]) const;

  [[nodiscard]] algorithm_id algorithm() const noexcept { return algorithm_; }
  /// nullptr for Ed25519, which signs messages.
  [[nodiscard]] const char* hash() const noexcept;
  [[nodiscard]] std::size_t hash_size() const noexcept;
  [[nodiscard]] bool is_ecdsa() const noexcept { return !is_rsa() && hash() != nullptr; }

  static const OSSL_PARAM* settable() noexcept;
  static const OSSL_PARAM* gettable() noexcept;

private:
  bool refuse(const std::string& text) const;
  bool set_padding(const OSSL_PARAM&);
  bool set_salt_length(const OSSL_PARAM&) const;
  [[nodiscard]] bool is_rsa() const noexcept { return algorithm_ == algorithm_id::rs256 || is_pss(); }
  [[nodiscard]] bool is_pss() const noexcept { return algorithm_ == algorithm_id::ps256; }

  const context* owner_;
  algorithm_id algorithm_;
};

}  // namespace sealring::provider

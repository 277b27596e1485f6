// A private key in the token, found once: what a key and its signers share.
//
// PKCS#11 handles die with sessions and resets. This one is looked up again, by the key's id, only when the token says that it
// no longer knows it; and after each look-up the first signature is checked under the key's public half before it is let out.
#pragma once

#include "hsm/mechanism.hpp"
#include "hsm/token_link.hpp"

namespace sealring::hsm {

/// Safe from many threads.
class key_handle {
public:
  /// `found` is the private key's handle, looked up in the token's `epoch`.
  key_handle(std::shared_ptr<token_link> token, CK_OBJECT_HANDLE found, std::uint64_t epoch, bytes id, std::string label,
             any_public_key public_key);

  const any_public_key& public_key() const noexcept { return public_key_; }
  const bytes& id() const noexcept { return id_; }
  const std::string& label() const noexcept { return label_; }
  token_link& token() const noexcept { return *token_; }

  /// What C_Sign returned, and the look-up that it rests on.
  struct answer {
    bytes raw;
    std::uint64_t look_up;
    bool proven;  ///< a signature made with this look-up has verified
  };
  [[nodiscard]] sealring::result<answer> sign(mechanism how, bytes_view input) const;

  /// A signature of this look-up verified under public_key().
  void prove(std::uint64_t look_up) const noexcept;

private:
  struct location {
    CK_OBJECT_HANDLE handle;
    std::uint64_t look_up;  // the token's epoch
  };
  sealring::result<location> locate(session& s) const;
  sealring::result<answer> sign_on(session& s, mechanism& how, bytes_view data) const;

  std::shared_ptr<token_link> token_;
  bytes id_;
  std::string label_;
  any_public_key public_key_;
  mutable std::mutex mutex_;
  mutable location found_;
  mutable std::atomic<std::uint64_t> proven_ = 0;
};

}  // namespace sealring::hsm

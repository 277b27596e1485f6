// A private key in the token, found once: what a key and its signers share.
//
// PKCS#11 handles die with sessions and resets. This one is looked up again, by the key's id, only when the token says that it
// no longer knows it; and after each look-up the first signature is checked under the key's public half before it is let out.
#pragma once

#include "hsm/mechanism.hpp"
#include "hsm/session_copy.hpp"

#include <array>

namespace sealring::inline v0::hsm {

/// Safe from many threads.
class key_handle {
public:
  /// `found` is the private key's handle, looked up in the token's `epoch`.
  key_handle(std::shared_ptr<token_link> token, CK_OBJECT_HANDLE found, std::uint64_t epoch, bytes id, std::string label,
             any_public_key public_key);
  key_handle(const key_handle&) = delete;
  key_handle& operator=(const key_handle&) = delete;
  ~key_handle();

  const any_public_key& public_key() const noexcept { return public_key_; }
  const bytes& id() const noexcept { return id_; }
  const std::string& label() const noexcept { return label_; }
  token_link& token() const noexcept { return *token_; }

  /// What a signature rests on: a look-up of the key, or the making of a copy of it.
  struct basis {
    bool copy;
    std::uint64_t number;  // the token's epoch; a copy's generation
    bool armed = false;    // C_SignInit was called ahead
    bool pss = false;      // a token may know one padding and not the other
  };
  /// What C_Sign returned.
  struct answer {
    bytes raw;
    basis made_with;
    bool proven;  ///< a signature on this basis has verified, and nothing has changed meanwhile
  };
  [[nodiscard]] sealring::result<answer> sign(mechanism how, bytes_view input) const;

  /// Calls C_SignInit for the next signature ahead, on a session that waits for it: that signature finds C_Sign alone in its
  /// way. Only for a key that is in use (twice within a second), and never more than a convenience: where it fails, or what it
  /// rests on has gone, the signature is made as any other. Fails in silence, and never waits for a session.
  void arm(mechanism how) const;

  /// A signature on this basis verified under public_key().
  void prove(const basis&) const noexcept;
  /// One did not. True if it was armed for, or the copy's, which it is not any more: the key itself may do better.
  bool disprove(const basis&) const noexcept;

private:
  struct location {
    CK_OBJECT_HANDLE handle;
    std::uint64_t look_up;  // the token's epoch
  };
  sealring::result<location> locate(session& s) const;
  std::optional<answer> sign_armed(mechanism& how, bytes_view data) const;
  void note_vain_arming() const noexcept;
  sealring::result<answer> sign_with_key(session& s, mechanism& how, bytes_view data) const;
  std::optional<answer> sign_with_copy(session& s, mechanism& how, bytes_view data) const;
  sealring::result<bytes> sign_raw(session& s, CK_OBJECT_HANDLE key, mechanism& how, bytes_view data) const;
  sealring::result<void> sign_init(session& s, CK_OBJECT_HANDLE key, mechanism& how) const;
  sealring::result<bytes> sign_data(session& s, bytes_view data) const;
  std::atomic<std::uint64_t>& proof_of(const basis& b) const noexcept {
    return proven_[(b.copy ? 1 : 0) + (b.armed ? 2 : 0) + (b.pss ? 4 : 0)];
  }
  bool holds(const basis&) const noexcept;
  bool is_proven(const basis&) const noexcept;

  std::shared_ptr<token_link> token_;
  bytes id_;
  std::string label_;
  any_public_key public_key_;
  mutable std::mutex mutex_;
  mutable location found_;
  mutable session_copy copy_;
  mutable std::array<std::atomic<std::uint64_t>, 8> proven_{};  // by basis: its number
  mutable std::atomic<session_pool::clock::rep> last_used_ = 0;
  mutable std::atomic<bool> in_use_ = false;         // the last signature came within a second of the one before it
  mutable std::atomic<bool> may_arm_ = true;         // arming has done no harm
  mutable std::atomic<bool> has_armed_ = false;      // there may be a session
  mutable std::atomic<unsigned> armed_in_vain_ = 0;  // in a row
};

}  // namespace sealring::inline v0::hsm

// The keys, by their CKA_ID: made in the token, found there, signed with there.
//
// Everything above knows a key by a name, a public half and a signature. Only this file knows that PKCS#11 is behind it.
#pragma once

#include "agent/config.hpp"
#include "agent/failure.hpp"
#include "hsm/token.hpp"

#include <atomic>

namespace sealring::agent {

/// Whether a signature is verified under the key's public half before it gets out. `sampled`: the first after each look-up of
/// the key, and one in 64.
enum class checking { always, sampled };

/// A key as the token describes it, usable by us or not.
struct described_key {
  std::string label;
  std::string id;    ///< CKA_ID in lower-case hexadecimal
  std::string type;  ///< "p256", "rsa2048", ...
  std::string uri;   ///< RFC 7512; holds no secret
  hsm::custody custody;
};

/// A key ready for use. Safe from many threads.
class token_key {
public:
  [[nodiscard]] static result<token_key> make(const hsm::key&);

  [[nodiscard]] const std::string& label() const noexcept { return key_.label(); }
  [[nodiscard]] const any_public_key& public_key() const noexcept { return key_.public_key(); }
  [[nodiscard]] const bytes& spki() const noexcept { return spki_; }
  [[nodiscard]] described_key describe() const;

  /// The best first.
  [[nodiscard]] std::vector<algorithm_id> algorithms() const;

  /// The signature in its algorithm's own encoding (r||s for ECDSA).
  [[nodiscard]] sealring::result<bytes> sign(algorithm_id, message, checking) const;
  /// The same of a digest that somebody else made. core's errc::bad_length if it is not of the algorithm's hash.
  [[nodiscard]] sealring::result<bytes> sign_digest(algorithm_id, bytes_view digest) const;
  /// After a signature has been answered: makes the token ready for another (hsm::signer::arm).
  void arm(algorithm_id) const;

private:
  template <class Input>
  [[nodiscard]] sealring::result<bytes> sign_with(algorithm_id, Input input_for, checking) const;

  explicit token_key(hsm::key key) : key_{std::move(key)} {}

  hsm::key key_;
  bytes spki_;
  std::vector<any_signer<hsm::signer>> ways_;  // an algorithm each
  std::shared_ptr<std::atomic<unsigned>> count_ = std::make_shared<std::atomic<unsigned>>(0);
};

class keyring {
public:
  /// Loads the module, chooses the token and logs in: at most one try of a PIN (`state` remembers). With `retry_pin` a person
  /// asks for a PIN to be tried again that the token has refused before. `pin` is where to read the PIN or to ask for it, if
  /// another process has opened that; else -1.
  [[nodiscard]] static result<keyring> open(const hsm_section&, const std::filesystem::path& state, bool retry_pin = false,
                                            int pin = -1);

  [[nodiscard]] result<token_key> generate(key_type, const std::string& label, const std::string& id) const;
  [[nodiscard]] result<token_key> find(const std::string& id) const;
  /// The same of many, in the order of `ids`.
  [[nodiscard]] result<std::vector<result<token_key>>> find(std::span<const std::string> ids) const;
  [[nodiscard]] result<std::vector<described_key>> list() const;

  /// Destroys what carries this id: whole keys, and halves that an interrupted generate left. Success if there is nothing.
  [[nodiscard]] result<void> destroy(const std::string& id) const;

  /// The texts of that name that the token keeps: none, one, or two where writing was interrupted.
  [[nodiscard]] result<std::vector<std::string>> notes(const std::string& name) const;
  /// Puts the text in place of the last one. The failure of a token that keeps none says so.
  [[nodiscard]] result<void> put_note(const std::string& name, std::string_view text) const;

  [[nodiscard]] const hsm::token_info& token() const noexcept { return token_.info(); }

private:
  explicit keyring(hsm::token token) : token_{std::move(token)} {}
  hsm::token token_;
};

}  // namespace sealring::agent

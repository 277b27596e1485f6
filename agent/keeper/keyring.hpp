// The keys, by their CKA_ID: made in the token, found there, signed with there.
//
// Everything above knows a key by a name, a public half and a signer. Only this file knows that PKCS#11 is behind it, so that
// the signer may become another process's without anybody noticing.
#pragma once

#include "agent/config.hpp"
#include "agent/failure.hpp"
#include "hsm/token.hpp"

namespace sealring::agent {

/// Signs inside the token, and lets no signature out that does not verify.
template <algorithm A>
using token_signer = verified<hsm::signer<A>>;
using key_signer = any_signer<token_signer>;

/// A key ready for use.
struct held_key {
  std::string label;
  std::string id;    ///< CKA_ID in lower-case hexadecimal
  std::string type;  ///< "p256", "rsa2048", ...
  std::string uri;   ///< RFC 7512; holds no secret
  key_signer signer;
};

/// A key as the token describes it, usable by us or not.
struct described_key {
  std::string label;
  std::string id;
  std::string type;
  std::string uri;
  hsm::custody custody;
};

class keyring {
public:
  /// Loads the module, chooses the token and logs in: at most one try of a PIN (`state` remembers). With `retry_pin` a person
  /// asks for a PIN to be tried again that the token has refused before.
  [[nodiscard]] static result<keyring> open(const hsm_section&, const std::filesystem::path& state, bool retry_pin = false);

  /// An id for a key to be made, so that it can be journalled first.
  [[nodiscard]] static std::string random_id();

  [[nodiscard]] result<held_key> generate(key_type, const std::string& label, const std::string& id) const;
  [[nodiscard]] result<held_key> find(const std::string& id) const;
  [[nodiscard]] result<std::vector<described_key>> list() const;

  /// Destroys what carries this id: whole keys, and halves that an interrupted generate left. Success if there is nothing.
  [[nodiscard]] result<void> destroy(const std::string& id) const;

  [[nodiscard]] const hsm::token_info& token() const noexcept { return token_.info(); }

private:
  explicit keyring(hsm::token token) : token_{std::move(token)} {}
  hsm::token token_;
};

}  // namespace sealring::agent

// The keeper, as the manager knows it: keys by name, each a public half and a signer.
//
// Where an agent runs for this configuration its keeper is used; else a keeper is started, and lives as long as this does. No
// other way leads to the token.
#pragma once

#include "agent/client/client_signer.hpp"
#include "agent/config.hpp"
#include "agent/supervisor/child.hpp"

namespace sealring::agent {

using key_signer = any_signer<client::client_signer>;

/// A key ready for use.
struct held_key {
  std::string name;   ///< what the keeper calls it: a certificate's name, or as key_name.hpp says
  std::string label;  ///< CKA_LABEL
  std::string id;     ///< CKA_ID in lower-case hexadecimal
  std::string type;   ///< "p256", "rsa2048", ...
  std::string uri;    ///< RFC 7512; holds no secret
  key_signer signer;
  bytes spki{};  ///< SubjectPublicKeyInfo
};

class keeper_link {
public:
  /// `retry_pin`: a person asks for a PIN to be tried again that the token has refused. A keeper of our own is started for it
  /// in any case. The failure is the keeper's own where it could not open the token.
  [[nodiscard]] static result<keeper_link> open(const config&, bool retry_pin = false);

  /// A running agent's alone. condition::retry_later where there is none.
  [[nodiscard]] static result<keeper_link> join(const config&);
  /// On a link that whoever started us has given us. A keeper that is still starting is waited for.
  [[nodiscard]] static result<keeper_link> on(descriptor link);

  keeper_link(keeper_link&&) noexcept = default;
  keeper_link& operator=(keeper_link&&) = delete;
  /// A keeper of our own is told to end, and waited for.
  ~keeper_link();

  /// An id for a key to be made, so that it can be journalled first.
  [[nodiscard]] static std::string random_id();

  /// A new key for this name, as the operator's files have it.
  [[nodiscard]] result<held_key> generate(const std::string& name, const std::string& id) const;
  /// The key is in use from now on; the one before it may go when its time has come.
  [[nodiscard]] result<void> adopt(const std::string& name, const std::string& id) const;
  /// Destroys a key that was never in use, or has been replaced for long enough. Success if there is none.
  [[nodiscard]] result<void> retire(const std::string& name, const std::string& id) const;
  [[nodiscard]] result<std::vector<wire::key_facts>> list() const;
  /// The key in use under this name; nothing where there is none.
  [[nodiscard]] result<std::optional<wire::key_facts>> current(const std::string& name) const;
  /// The audit log's checkpoints that the token holds, the newest first.
  [[nodiscard]] result<std::vector<std::string>> anchors() const;

  /// What the keeper has counted. A keeper without a token answers, too.
  [[nodiscard]] result<wire::statistics_reply> statistics() const;

  /// A link to the same keeper for the manager's process, which `who` runs; empty if that can and must dial itself.
  [[nodiscard]] result<descriptor> link_for(const user& who) const;
  /// Whether there is still somebody there.
  [[nodiscard]] bool answers() const;
  /// The operator's files have changed.
  [[nodiscard]] result<void> reload() const;

  /// The key of this name with this CKA_ID; nothing where there is none.
  [[nodiscard]] result<std::optional<held_key>> find(const std::string& name, const std::string& id) const;

  /// The key in use under this name.
  [[nodiscard]] result<key_signer> signer_of(const std::string& name) const;
  /// The key of this name with this public half.
  [[nodiscard]] result<key_signer> signer_of(const std::string& name, const any_public_key&) const;

  /// An operator's word for one operation, for so long (policy/world.hpp lists operations and parameters).
  [[nodiscard]] result<void> approve(const std::string& operation, const std::string& key, std::vector<std::string> parameters,
                                     std::chrono::seconds lasting = std::chrono::minutes{10}) const;

  /// Puts the keeper's own words in the place of a code that came through a signature.
  [[nodiscard]] failure explain(failure) const;

  [[nodiscard]] const wire::token_facts& token() const noexcept { return token_; }
  /// Whom the agent's sockets belong to, as other clients will see it: the supervisor's user.
  [[nodiscard]] uid_t agent() const noexcept { return agent_; }

private:
  struct last_words;
  keeper_link(std::optional<child>, std::shared_ptr<client::connection>, std::shared_ptr<last_words>, wire::token_facts,
              uid_t agent);
  [[nodiscard]] static client::settings listening_to(const std::shared_ptr<last_words>&);
  [[nodiscard]] static result<keeper_link> dial(const config&);
  [[nodiscard]] static result<keeper_link> start(const config&, bool retry_pin);
  [[nodiscard]] static result<keeper_link> greet(std::optional<child>, std::shared_ptr<client::connection>,
                                                 std::shared_ptr<last_words>, uid_t agent,
                                                 std::optional<std::chrono::milliseconds> = {});

  std::optional<child> own_;
  descriptor links_;  // to a keeper of our own
  std::shared_ptr<client::connection> keeper_;
  std::shared_ptr<last_words> words_;
  wire::token_facts token_;
  uid_t agent_ = 0;
};

/// "'sealring' (serial 1f2e, slot 7)"
[[nodiscard]] std::string text_of(const wire::token_facts&);
/// "sensitive, always sensitive, never extractable, local", in pkcs11-tool's words
[[nodiscard]] std::string text_of(const wire::custody&);

}  // namespace sealring::agent

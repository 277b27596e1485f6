// The operator's files and the keeper's book, as the judge wants them: what each key is, who may use it, and for what.
//
// Made anew at each change and never changed once made, so that requests under way keep those they began with.
#pragma once

#include "agent/keeper/key_book.hpp"
#include "agent/keeper/keyring.hpp"
#include "agent/keeper/policy/world.hpp"

#include <map>
#include <memory>
#include <set>

namespace sealring::agent {

/// A key of the book, found in the token.
struct known_key {
  token_key key;
  fixed_bytes<32> spki_sha256;
};

/// A key with what the files say of it. One that they do not speak of has no entry, and signs nothing.
struct ruled_key {
  std::shared_ptr<const known_key> known;
  key_state state;
  policy::key_rules rules;  ///< of `known`, and of rules::settings
  unsigned rate;            ///< signatures a second for each peer; 0: no limit
};

/// What may be generated under a name.
struct key_plan {
  policy::purpose use;
  key_type type;
  std::string label_prefix;
};

struct rules {
  std::shared_ptr<const config> settings;
  std::set<uid_t> operators;
  std::vector<policy::account_rules> accounts;                      ///< at [ca], and at [fallback] if there is one
  std::map<std::string, std::vector<ruled_key>, std::less<>> keys;  ///< by name; the one in use first
  std::vector<policy::approval> approvals;

  [[nodiscard]] const std::vector<ruled_key>& named(std::string_view name) const noexcept;
  [[nodiscard]] const policy::key_rules* tls_key(bytes_view spki) const noexcept;
};

/// What the files say of keys of this name; nothing if they do not.
[[nodiscard]] std::optional<key_plan> plan_for(const config&, std::string_view name);

/// "tls-server", "account", ...
[[nodiscard]] std::string_view to_string(policy::purpose) noexcept;

/// `known` by CKA_ID. condition::bad_input for a user or group that there is not, or an origin that is none.
[[nodiscard]] result<std::shared_ptr<const rules>> make_rules(
    std::shared_ptr<const config>, uid_t owner, const key_book&,
    const std::map<std::string, std::shared_ptr<const known_key>>& known);

}  // namespace sealring::agent

// A key that is being made for an account, and is destroyed again unless that comes about.
#pragma once

#include "agent/manager/keeper_link.hpp"
#include "agent/manager/store.hpp"

namespace sealring::agent {

/// Journalled before it is generated, so that even a crash leaves no key in the token that nobody knows of. Unless `adopt` was
/// called it takes the key with it when it goes.
class fresh_key {
public:
  /// A key of this name, as the operator's files have it. The arguments must outlive the object.
  [[nodiscard]] static result<fresh_key> make(const keeper_link&, store&, const std::string& name);

  fresh_key(fresh_key&&) noexcept = default;
  fresh_key& operator=(fresh_key&&) = delete;
  ~fresh_key();

  [[nodiscard]] const held_key& key() const noexcept { return *key_; }

  /// The key has a user now, whose record is in the store already: from here on it is the one in use.
  [[nodiscard]] result<void> adopt();

private:
  fresh_key(const keeper_link& keys, store& state, held_key key)
      : keys_{&keys}, state_{&state}, key_{std::make_unique<held_key>(std::move(key))} {}

  const keeper_link* keys_;
  store* state_;
  std::unique_ptr<held_key> key_;  // nothing once moved from
  bool adopted_ = false;
};

/// Settles what runs before this one began and did not live to end: a key that a record names is taken into use, any other is
/// destroyed. Keys made after `before` may be of a thread that still works. How many were destroyed.
[[nodiscard]] result<std::size_t> settle_account_keys(const keeper_link&, store&, std::chrono::sys_seconds before);

}  // namespace sealring::agent

// A key that is being made for something, and is destroyed again unless that comes about.
#pragma once

#include "agent/keeper/keyring.hpp"
#include "agent/manager/store.hpp"

namespace sealring::agent {

/// Journalled before it is generated, so that even a crash leaves no key in the token that nobody knows of. Unless `adopt` was
/// called it takes the key with it when it goes.
class fresh_key {
public:
  /// The label is `prefix` and a part of the random id. `purpose` is for the journal. The arguments must outlive the object.
  [[nodiscard]] static result<fresh_key> make(const keyring&, store&, key_type, const std::string& prefix,
                                              const std::string& purpose);

  fresh_key(fresh_key&&) noexcept = default;
  fresh_key& operator=(fresh_key&&) = delete;
  ~fresh_key();

  [[nodiscard]] const held_key& key() const noexcept { return *key_; }

  /// The key has a user now: the record that names it and the journal change together.
  template <class Record>
  [[nodiscard]] result<void> adopt(const Record& user) {
    auto adopted = state_->adopt_key(key_->label, user);
    adopted_ = adopted.has_value();
    return adopted;
  }

private:
  fresh_key(const keyring& keys, store& state, held_key key)
      : keys_{&keys}, state_{&state}, key_{std::make_unique<held_key>(std::move(key))} {}

  const keyring* keys_;
  store* state_;
  std::unique_ptr<held_key> key_;  // nothing once moved from
  bool adopted_ = false;
};

/// Destroys what runs before this one began to make and did not live to use or destroy. How many.
[[nodiscard]] result<std::size_t> destroy_leftovers(const keyring&, store&);

}  // namespace sealring::agent

#include "agent/manager/fresh_key.hpp"

namespace sealring::agent {

result<fresh_key> fresh_key::make(const keyring& keys, store& state, key_type type, const std::string& prefix,
                                  const std::string& purpose) {
  const std::string id = keyring::random_id();
  const std::string label = prefix + '-' + id.substr(0, 8);
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  if (auto put = state.put(pending_key{label, id, purpose, now}); !put) return put.error();
  auto key = keys.generate(type, label, id);
  if (key) return fresh_key{keys, state, *std::move(key)};
  // The HSM layer has destroyed what it made. If it could not, the journal entry stays and the next run tries again.
  if (keys.destroy(id)) static_cast<void>(state.erase_pending_key(label));
  return key.error();
}

fresh_key::~fresh_key() {
  if (!key_ || adopted_) return;
  if (keys_->destroy(key_->id)) static_cast<void>(state_->erase_pending_key(key_->label));
}

result<std::size_t> destroy_leftovers(const keyring& keys, store& state) {
  auto pending = state.pending_keys();
  if (!pending) return pending.error();
  for (const pending_key& leftover : *pending) {
    if (auto gone = keys.destroy(leftover.key_id); !gone) return gone.error();
    if (auto erased = state.erase_pending_key(leftover.label); !erased) return erased.error();
  }
  return pending->size();
}

}  // namespace sealring::agent

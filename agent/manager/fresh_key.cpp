#include "agent/manager/fresh_key.hpp"

#include "agent/wall_clock.hpp"

namespace sealring::agent {

result<fresh_key> fresh_key::make(const keeper_link& keys, store& state, const std::string& name) {
  const std::string id = keeper_link::random_id();
  const auto now = wall_clock::now();
  if (auto put = state.put(pending_key{id, name, now}); !put) return put.error();
  auto key = keys.generate(name, id);
  if (key) return fresh_key{keys, state, *std::move(key)};
  // The keeper has destroyed what it made. If it could not, the journal entry stays and the next run tries again.
  if (keys.retire(name, id)) static_cast<void>(state.erase_pending_key(id));
  return key.error();
}

fresh_key::~fresh_key() {
  if (!key_ || adopted_) return;
  if (keys_->retire(key_->name, key_->id)) static_cast<void>(state_->erase_pending_key(key_->id));
}

result<void> fresh_key::adopt() {
  if (auto taken = keys_->adopt(key_->name, key_->id); !taken) return taken;
  adopted_ = true;
  return state_->erase_pending_key(key_->id);
}

result<std::size_t> settle_account_keys(const keeper_link& keys, store& state, std::chrono::sys_seconds before) {
  auto pending = state.pending_keys();
  if (!pending) return pending.error();
  std::size_t destroyed = 0;
  for (const pending_key& leftover : *pending) {
    if (leftover.created_at > before) continue;
    auto used = state.refers_to_key(leftover.id);
    if (!used) return used.error();
    auto settled = *used ? keys.adopt(leftover.name, leftover.id) : keys.retire(leftover.name, leftover.id);
    if (!settled) return settled.error();
    if (!*used) ++destroyed;
    if (auto erased = state.erase_pending_key(leftover.id); !erased) return erased.error();
  }
  return destroyed;
}

}  // namespace sealring::agent

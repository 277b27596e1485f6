#include "agent/keeper/audit/chain.hpp"

#include <algorithm>

namespace sealring::agent::audit {
namespace {

failure bad(std::string why) { return fail(condition::peer_fault, std::move(why)); }

}  // namespace

result<record> chain::push(std::string_view line) {
  auto r = decode(line);
  if (!r) return r;
  if (r->sequence != at_.next)
    return bad("it has number " + std::to_string(r->sequence) + " where " + std::to_string(at_.next) +
               " is due: records were deleted, moved or repeated");
  const auto expected = hash_of(at_.hash, line);
  if (!expected) return expected.error();
  if (*expected != r->hash) return bad("its hash does not follow from it and the record before it: one of them was changed");
  const auto* const first = std::get_if<audit::header>(&r->what);
  if ((first != nullptr) != (r->sequence == 0)) return bad("the first record, and no other, must be the log's header");
  if (first != nullptr) {
    if (auto begun = begin(*r); !begun) return begun.error();
  }
  const auto* const signed_one = std::get_if<checkpoint>(&r->what);
  if (signed_one != nullptr) {
    if (auto checked = check(*signed_one); !checked) return checked.error();
    // The next one covers more, so that this is as far back as it can reach.
    recent_.erase(recent_.begin(), recent_.end() - static_cast<std::ptrdiff_t>(at_.next - signed_one->covers));
    signed_up_to_ = signed_one->covers;
    last_checkpoint_ = r->sequence;
  }
  at_ = {r->sequence + 1, r->hash};
  std::ranges::copy(r->hash, recent_.emplace_back().begin());
  if (recent_.size() > longest_lag) recent_.pop_front();
  return r;
}

result<void> chain::begin(const record& r) {
  const auto& first = std::get<audit::header>(r.what);
  if (pinned_ && *pinned_ != first.key) return bad("the log was begun with another audit key than the one given");
  auto ready = verifier_of(first.key);
  if (!ready) return ready.error();
  key_ = *std::move(ready);
  header_ = first;
  return {};
}

bool chain::is_genuine(const checkpoint& c) const { return key_ && header_ && c.log == header_->log && is_signed(c, *key_); }

result<void> chain::check(const checkpoint& c) const {
  if (c.covers >= at_.next || at_.next - c.covers > recent_.size())
    return bad("the checkpoint covers record " + std::to_string(c.covers) + ", which is not near before it");
  const auto& then = recent_[recent_.size() - static_cast<std::size_t>(at_.next - c.covers)];
  if (!std::ranges::equal(then, c.chain)) return bad("the checkpoint covers another chain than this one");
  if (!is_genuine(c)) return bad("the checkpoint's signature is not the audit key's");
  return {};
}

result<chain> chain::resumed_at(const checkpoint& c) const {
  if (!is_genuine(c)) return bad("the checkpoint's signature is not the audit key's");
  if (c.chain.size() != 64) return bad("the checkpoint names no hash");
  chain copy = *this;
  copy.at_ = {c.covers + 1, c.chain};
  copy.recent_.clear();
  std::ranges::copy(c.chain, copy.recent_.emplace_back().begin());
  return copy;
}

}  // namespace sealring::agent::audit

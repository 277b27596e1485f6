// hsm::signer, as the keeper uses it, in this process.
#include "bench/layers.hpp"

#include <algorithm>

namespace sealring::bench {
namespace {

hsm::copy_use copies(agent::session_copy wanted) noexcept {
  switch (wanted) {
    case agent::session_copy::always: return hsm::copy_use::always;
    case agent::session_copy::never: return hsm::copy_use::never;
    case agent::session_copy::automatic: break;
  }
  return hsm::copy_use::automatic;
}

class hsm_layer final : public layer {
public:
  hsm_layer(bench_token& token, bytes id, any_public_key public_key, algorithm_id algorithm)
      : token_{token}, id_{std::move(id)}, public_key_{std::move(public_key)}, algorithm_{algorithm} {}

  std::string unfit(const load_shape& s) const override { return s.combined ? "hsm::signer hashes itself" : std::string{}; }

  /// One more than the threads': the token handle's anchor.
  unsigned sessions(const load_shape& s) const override { return 1 + (s.sessions == 0 ? s.threads : s.sessions); }
  void rest() override { signer_.reset(); }

  void prepare(const load_shape& s) override {
    if (sessions(s) == sessions_ && signer_) return;
    sessions_ = sessions(s);
    rest();
    auto handle = token_.handle({.most_sessions = sessions_, .copies = copies(token_.section().copy)});
    if (!handle) return fail_with(handle.error().code);
    auto key = handle->find_id(id_);
    if (!key) return fail_with(key.error().code);
    auto bound = key->choose(std::span{&algorithm_, 1});
    if (!bound) return fail_with(bound.error().code);
    signer_.emplace(*std::move(bound));
    // Whether a session copy pays is tried on a key's first signatures.
    for (unsigned i = 0; i != 32; ++i) static_cast<void>(sign_bytes(*signer_, bytes_view{id_}));
  }

  sealring::result<std::unique_ptr<worker>> make_worker(unsigned) override {
    if (!signer_) return why_;
    return std::unique_ptr<worker>{
        std::make_unique<blocking_worker>([this](bytes_view message) { return sign_bytes(*signer_, message); })};
  }

  any_public_key public_key() const override { return public_key_; }

private:
  void fail_with(std::error_code why) { why_ = why; }

  bench_token& token_;
  bytes id_;
  any_public_key public_key_;
  algorithm_id algorithm_;
  unsigned sessions_ = 0;
  std::optional<any_signer<hsm::signer>> signer_;
  std::error_code why_;
};

}  // namespace

result<std::unique_ptr<layer>> make_hsm(bed& b, const kind& k) {
  auto key = b.token.key(k);
  if (!key) return key.error();
  return std::unique_ptr<layer>{std::make_unique<hsm_layer>(b.token, key->id(), key->public_key(), k.algorithm)};
}

}  // namespace sealring::bench

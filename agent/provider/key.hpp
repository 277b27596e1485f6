// A key as OpenSSL holds it: its public half, and where the private one is used.
#pragma once

#include "agent/client/key_reference.hpp"
#include "agent/provider/context.hpp"
#include "sealring/algorithm.hpp"
#include "sealring/detail/openssl.hpp"

#include <optional>

namespace sealring::provider {

enum class family { ec, rsa, ed25519 };

/// What OpenSSL calls each family.
[[nodiscard]] const char* name_of(family) noexcept;

/// By which our key management can be told from others'.
inline constexpr const char* ec_description = "EC keys that an agent keeps";

/// The private half: a name that the agent knows.
struct remote {
  std::string name;
  fixed_bytes<32> spki_sha256{};  ///< so that the agent refuses where the name means another key by now
  algorithm_id usual{};           ///< how it signs where nobody asks for more; it also says which hash
  agent_link* agent = nullptr;
};

/// Immutable once it has a public half; shared by counting, as OpenSSL's own objects are.
class key {
public:
  key(const context& owner, family f) : owner_{owner}, family_{f} {}
  key(const key&) = delete;
  key& operator=(const key&) = delete;

  /// nullptr where it cannot be made, and the queue says why. Asks no agent.
  [[nodiscard]] static key* from_reference(const context&, const client::key_reference&);

  [[nodiscard]] const context& owner() const noexcept { return owner_; }
  [[nodiscard]] family kind() const noexcept { return family_; }
  [[nodiscard]] EVP_PKEY* public_half() const noexcept { return public_half_.get(); }
  [[nodiscard]] const remote* private_half() const noexcept { return private_half_ ? &*private_half_ : nullptr; }
  void take_public_half(detail::evp_pkey half) noexcept { public_half_ = std::move(half); }

  void share() noexcept { references_.fetch_add(1, std::memory_order_relaxed); }
  static void release(key* k) noexcept {
    if (k != nullptr && k->references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete k;
  }

private:
  ~key() = default;

  const context& owner_;
  const family family_;
  std::atomic<int> references_{1};
  detail::evp_pkey public_half_;
  std::optional<remote> private_half_;
};

/// False, and an error, where the default provider comes after us in openssl.cnf, or not at all. Programs that want keys of
/// their own then get our key management, which makes none: libssl has no elliptic curves, and no more to say than "no shared
/// cipher".
[[nodiscard]] bool check_order(const context&);

/// Hands a new key over to OpenSSL, by reference (OSSL_OBJECT_PARAM_REFERENCE): 1 if it was taken.
int hand_over(key*, OSSL_CALLBACK*, void* argument);

}  // namespace sealring::provider

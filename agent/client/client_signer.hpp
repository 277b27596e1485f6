// client_signer<A>: a key that the keeper holds, bound to one algorithm.
#pragma once

#include "agent/client/connection.hpp"
#include "sealring/any_signer.hpp"

#include <algorithm>

namespace sealring::inline v0::client {

/// How long this key's signatures are, in their algorithms' own encoding.
template <class Curve>
std::size_t signature_size(const ec_public_key<Curve>&) noexcept {
  return 2 * Curve::size;
}
inline std::size_t signature_size(const rsa_public_key& key) noexcept { return key.n.size(); }
inline std::size_t signature_size(const ed25519_public_key&) noexcept { return 64; }

/// A key as the keeper described it. Never changed once made; signers share it.
struct remote_key {
  std::shared_ptr<connection> keeper;
  std::string name;
  wire::describe_reply facts;
  any_public_key public_key;
  fixed_bytes<32> spki_sha256{};  ///< goes with each request, so that a name that now means another key is refused

  /// Asks the keeper. The connection's own deadline holds for this and for each signature.
  [[nodiscard]] static result<std::shared_ptr<const remote_key>> find(std::shared_ptr<connection>, std::string name);

  /// The signature, in the algorithm's own encoding and of the length that it has with this key.
  [[nodiscard]] sealring::result<bytes> sign(wire::operation, algorithm_id, bytes_view payload) const;
};

/// Models sealring::message_signer. Copies share the connection; safe from many threads; signing blocks for the keeper. The
/// error is the bare code: settings::on_refusal gets the keeper's words.
template <algorithm A>
class client_signer {
public:
  using algorithm_type = A;

  /// errc::unsupported where the keeper does not let this key sign with A, or the key is of another type.
  [[nodiscard]] static result<client_signer> bind(std::shared_ptr<const remote_key> key) {
    const auto* mine = std::get_if<typename A::public_key>(&key->public_key);
    const auto& allowed = key->facts.algorithms;
    if (mine == nullptr || std::find(allowed.begin(), allowed.end(), A::id) == allowed.end())
      return refusal{wire::errc::unsupported, "the key " + key->name + " does not sign with this algorithm"};
    return client_signer{std::move(key), mine};
  }

  const typename A::public_key& public_key() const noexcept { return *public_key_; }

  /// Only for keys whose policy allows digests. An Ed25519 signature's input is the message, which any key's may be.
  [[nodiscard]] sealring::result<typename A::signature> sign(const typename A::input& in) const {
    if constexpr (std::same_as<typename A::input, message>) return sign_message(in);
    else return shaped(key_->sign(wire::operation::sign_digest, A::id, in.view()));
  }

  [[nodiscard]] sealring::result<typename A::signature> sign_message(message m) const {
    return shaped(key_->sign(wire::operation::sign_message, A::id, m));
  }

private:
  client_signer(std::shared_ptr<const remote_key> key, const typename A::public_key* mine)
      : key_{std::move(key)}, public_key_{mine} {}

  static sealring::result<typename A::signature> shaped(sealring::result<bytes> raw) {
    if constexpr (std::same_as<typename A::signature, bytes>) {
      return raw;
    } else {
      if (!raw) return raw.error();
      typename A::signature fixed{};
      std::copy(raw->begin(), raw->end(), fixed.begin());
      return fixed;
    }
  }

  std::shared_ptr<const remote_key> key_;
  const typename A::public_key* public_key_;  // in *key_
};

static_assert(message_signer<client_signer<es256>> && message_signer<client_signer<rs256>> &&
              message_signer<client_signer<eddsa>>);

/// Bound to the first algorithm that the keeper names for this key.
[[nodiscard]] result<any_signer<client_signer>> bind(const std::shared_ptr<const remote_key>&);

/// Finds the key and binds it.
[[nodiscard]] result<any_signer<client_signer>> find(std::shared_ptr<connection>, std::string name);

}  // namespace sealring::inline v0::client

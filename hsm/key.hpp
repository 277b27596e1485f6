// A key pair in a token: who made it, how it is kept, what it can sign.
#pragma once

#include "hsm/signer.hpp"
#include "hsm/uri.hpp"
#include "sealring/any_signer.hpp"

#include <array>
#include <span>

namespace sealring::inline v0::hsm {

/// The keys that sealring makes.
enum class key_type { p256, p384, rsa2048, rsa3072, rsa4096, ed25519 };

inline constexpr std::array all_key_types{key_type::p256,    key_type::p384,    key_type::rsa2048,
                                          key_type::rsa3072, key_type::rsa4096, key_type::ed25519};

/// "p256", "rsa2048", ...
std::string_view name_of(key_type type) noexcept;
std::optional<key_type> key_type_from(std::string_view name) noexcept;

/// How the token keeps a private key (PKCS#11 section 4.9), read back from the token itself. What it would not say counts
/// against the key.
struct custody {
  bool sensitive = false;
  bool always_sensitive = false;
  bool extractable = true;
  bool never_extractable = false;
  bool local = false;  ///< generated in the token, not imported
  bool may_sign = false;
  bool always_authenticate = false;  ///< wants the PIN again for every signature

  /// Generated in the token, and cannot have left it at any time.
  bool never_left() const noexcept { return sensitive && always_sensitive && !extractable && never_extractable && local; }

  /// "sensitive, always sensitive, never extractable, local", in pkcs11-tool's words.
  std::string text() const;

  friend bool operator==(const custody&, const custody&) = default;
};

/// A cheap handle; copies share what is known of the key. Safe from many threads.
class key {
public:
  /// CKA_LABEL.
  const std::string& label() const noexcept { return shared_->label(); }
  /// CKA_ID.
  const bytes& id() const noexcept { return shared_->id(); }
  /// Read when the key was found.
  const any_public_key& public_key() const noexcept { return shared_->public_key(); }
  /// What the token said of the private half when the key was found.
  const hsm::custody& custody() const noexcept { return custody_; }

  /// "p256", "rsa2048", "p521", ...: of keys that others made, too.
  std::string kind() const;

  /// The RFC 7512 URI that names this key among all tokens. Holds no secret.
  std::string uri() const;

  /// What key and token can sign together; empty if the custody forbids any use.
  std::vector<algorithm_id> algorithms() const;

  /// This key as a signer. trouble::key_extractable, key_not_usable or unsupported say why not; core's errc::wrong_key_type
  /// where the key is of another type.
  template <algorithm A>
  [[nodiscard]] result<signer<A>> bind() const {
    if (auto usable = check(A::id); !usable) return usable.error();
    if (!std::holds_alternative<typename A::public_key>(public_key()))
      return failure{make_error_code(sealring::errc::wrong_key_type), "the key '" + label() + "' is " + kind()};
    return signer<A>{shared_};
  }

  /// The first of `preferences` that key and token can do.
  [[nodiscard]] result<any_signer<signer>> choose(std::span<const algorithm_id> preferences) const;

  /// The usual choice: what every CA and TLS client takes.
  [[nodiscard]] result<any_signer<signer>> choose() const;

private:
  friend class token;
  key(std::shared_ptr<const key_handle> shared, hsm::custody kept) : shared_{std::move(shared)}, custody_{kept} {}

  result<void> check(algorithm_id id) const;

  std::shared_ptr<const key_handle> shared_;
  hsm::custody custody_;
};

}  // namespace sealring::inline v0::hsm

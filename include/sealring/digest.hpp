// Digests that remember their hash: a digest<sha256> cannot be given to an algorithm that signs SHA-384.
#pragma once

#include "sealring/detail/openssl.hpp"

namespace sealring::inline v0 {

namespace detail {
/// Given EVP_sha256() itself, libcrypto looks for a provider at each use: longer than it takes to hash a short message. So it
/// is looked for once, and kept until the process ends.
inline const EVP_MD* fetched(const EVP_MD* unfetched) noexcept {
  const EVP_MD* const found = EVP_MD_fetch(nullptr, EVP_MD_get0_name(unfetched), nullptr);
  return found != nullptr ? found : unfetched;
}
}  // namespace detail

/// A hash: the octets of its digest, and libcrypto's handle.
struct sha256 {
  static constexpr std::size_t size = 32;
  static const EVP_MD* evp() noexcept {
    static const EVP_MD* const md = detail::fetched(EVP_sha256());
    return md;
  }
};
/// See sha256.
struct sha384 {
  static constexpr std::size_t size = 48;
  static const EVP_MD* evp() noexcept {
    static const EVP_MD* const md = detail::fetched(EVP_sha384());
    return md;
  }
};
/// See sha256.
struct sha512 {
  static constexpr std::size_t size = 64;
  static const EVP_MD* evp() noexcept {
    static const EVP_MD* const md = detail::fetched(EVP_sha512());
    return md;
  }
};

/// The hash of a message, made by hash<H>(message) and by nothing else but the escape hatch below.
template <class H>
class digest {
public:
  /// For a caller that is handed digests by another library. Signing a digest whose message you have not seen is signing
  /// anything at all: search for this name when you review.
  static digest already_computed(std::span<const std::uint8_t, H::size> value) noexcept {
    digest d;
    copy_bytes(value, d.value_.data());
    return d;
  }

  std::span<const std::uint8_t, H::size> view() const noexcept { return value_; }

  friend bool operator==(const digest&, const digest&) = default;

private:
  fixed_bytes<H::size> value_{};
};

template <class H>
[[nodiscard]] result<digest<H>> hash(message m) {
  fixed_bytes<H::size> value{};
  if (EVP_Digest(m.data(), m.size(), value.data(), nullptr, H::evp(), nullptr) != 1) return detail::crypto_failure();
  return digest<H>::already_computed(value);
}

}  // namespace sealring::inline v0

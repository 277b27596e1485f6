// The words in sealring.toml and on the command line that are one of a few.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace sealring::agent {

enum class key_type { p256, p384, rsa2048, rsa3072, rsa4096, ed25519 };
enum class key_purpose { tls_server, tls_client, raw };
enum class session_copy { automatic, always, never };
enum class verify_tls { sampled, always };
enum class audit_sync { interval, always };
enum class challenge_type { http01, dns01, tls_alpn01, dns_account01 };
enum class mac_algorithm { hs256, hs384, hs512 };
enum class tsig_algorithm { sha1, sha256, sha512 };
enum class limited { orders, certificates_per_domain, duplicates, failures };

/// How each value is written, in the order of the enumeration.
template <class E>
inline constexpr std::array<std::string_view, 0> words{};
template <>
inline constexpr std::array<std::string_view, 6> words<key_type>{"p256", "p384", "rsa2048", "rsa3072", "rsa4096", "ed25519"};
template <>
inline constexpr std::array<std::string_view, 3> words<key_purpose>{"tls-server", "tls-client", "raw"};
template <>
inline constexpr std::array<std::string_view, 3> words<session_copy>{"auto", "always", "never"};
template <>
inline constexpr std::array<std::string_view, 2> words<verify_tls>{"sampled", "always"};
template <>
inline constexpr std::array<std::string_view, 2> words<audit_sync>{"interval", "always"};
/// As the IANA registry of ACME validation methods names them.
template <>
inline constexpr std::array<std::string_view, 4> words<challenge_type>{"http-01", "dns-01", "tls-alpn-01", "dns-account-01"};
template <>
inline constexpr std::array<std::string_view, 3> words<mac_algorithm>{"HS256", "HS384", "HS512"};
/// Those that ldns can sign with.
template <>
inline constexpr std::array<std::string_view, 3> words<tsig_algorithm>{"hmac-sha1", "hmac-sha256", "hmac-sha512"};
/// What a CA counts: orders of an account, certificates of a registered domain, of exactly the same names, and failed
/// authorizations of a name.
template <>
inline constexpr std::array<std::string_view, 4> words<limited>{"orders", "certificates-per-domain", "duplicates", "failures"};

template <class E>
concept choice = words<E>.size() > 0;

template <choice E>
[[nodiscard]] constexpr std::string_view to_string(E value) noexcept {
  return words<E>[static_cast<std::size_t>(value)];
}

template <choice E>
[[nodiscard]] constexpr std::optional<E> parse(std::string_view word) noexcept {
  for (std::size_t i = 0; i < words<E>.size(); ++i) {
    if (words<E>[i] == word) return static_cast<E>(i);
  }
  return std::nullopt;
}

/// For messages: "p256, p384, …".
template <choice E>
[[nodiscard]] std::string all_words() {
  std::string all;
  for (const auto word : words<E>) (all += all.empty() ? "" : ", ") += word;
  return all;
}

}  // namespace sealring::agent

// What a certificate is for: DNS names and IP addresses (RFC 8555 section 9.7.7, RFC 8738).
#pragma once

#include "sealring/bytes.hpp"
#include "sealring/result.hpp"

#include <compare>

namespace sealring::inline v0 {

/// A name that a certificate is for.
struct identifier {
  /// What the value is.
  enum class type : std::uint8_t { dns, ip, other };

  type kind = type::dns;
  std::string value;  ///< DNS: lower case, A-labels, no trailing dot. IP: the text form of RFC 5952 (RFC 8738 section 3).
  /// Of type::other alone: as the registry (RFC 8555 section 9.7.7) or the CA has it, "permanent-identifier" for example.
  std::string other_type{};

  [[nodiscard]] bool wildcard() const noexcept { return kind == type::dns && value.starts_with("*."); }
  friend auto operator<=>(const identifier&, const identifier&) = default;
};

/// "dns" or "ip", as the ACME identifier registry has it; "other" is no name of it, see type_name.
[[nodiscard]] constexpr std::string_view name(identifier::type kind) noexcept {
  return kind == identifier::type::dns ? "dns" : kind == identifier::type::ip ? "ip" : "other";
}

/// Of its type, whatever it is, as the ACME identifier registry has it.
[[nodiscard]] std::string_view type_name(const identifier& id) noexcept;

namespace detail {

bool is_dns_name(std::string_view name) noexcept;

}  // namespace detail

/// The octets of an IP address, 4 or 16; empty for what is none.
[[nodiscard]] bytes ip_octets(const identifier& id);

/// errc::bad_length for other than 4 or 16 octets.
[[nodiscard]] result<identifier> ip_identifier(bytes_view octets);

/// Reads "example.com", "*.example.com", "192.0.2.1" or "2001:db8::1"; upper case is folded. Internationalized names are given
/// as A-labels ("xn--..."). errc::bad_name for anything else.
[[nodiscard]] result<identifier> parse_identifier(std::string_view text);

}  // namespace sealring::inline v0

#ifndef SEALRING_COMPILED
#include "sealring/x509/impl/identifier.ipp"
#endif

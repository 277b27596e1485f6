// What a certificate is for: DNS names and IP addresses (RFC 8555 section 9.7.7, RFC 8738).
#pragma once

#include "sealring/bytes.hpp"
#include "sealring/result.hpp"

#include <arpa/inet.h>

#include <compare>

namespace sealring::inline v0 {

struct identifier {
  enum class type : std::uint8_t { dns, ip };

  type kind = type::dns;
  std::string value;  ///< DNS: lower case, A-labels, no trailing dot. IP: the text form of RFC 5952 (RFC 8738 section 3).

  [[nodiscard]] bool wildcard() const noexcept { return kind == type::dns && value.starts_with("*."); }
  friend auto operator<=>(const identifier&, const identifier&) = default;
};

/// "dns" or "ip", as the ACME identifier registry has it.
[[nodiscard]] constexpr std::string_view name(identifier::type kind) noexcept {
  return kind == identifier::type::dns ? "dns" : "ip";
}

namespace detail {

bool is_dns_name(std::string_view name) noexcept;

}  // namespace detail

/// The octets of an IP address, 4 or 16; empty for a DNS name.
[[nodiscard]] bytes ip_octets(const identifier& id);

[[nodiscard]] identifier ip_identifier(bytes_view octets);

/// Reads "example.com", "*.example.com", "192.0.2.1" or "2001:db8::1"; upper case is folded. Internationalized names are given
/// as A-labels ("xn--..."). errc::bad_name for anything else.
[[nodiscard]] result<identifier> parse_identifier(std::string_view text);

}  // namespace sealring::inline v0

#ifndef SEALRING_COMPILED
#include "sealring/x509/impl/identifier.ipp"
#endif

#pragma once

#include "sealring/x509/identifier.hpp"

#include <arpa/inet.h>

namespace sealring::inline v0 {

SEALRING_INLINE std::string_view type_name(const identifier& id) noexcept {
  return id.kind == identifier::type::other ? std::string_view{id.other_type} : name(id.kind);
}

namespace detail {

/// Letters, digits and inner hyphens, 1 to 63 of them (RFC 1034 section 3.5).
inline bool is_ldh_label(std::string_view label) noexcept {
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
         label.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

SEALRING_INLINE bool is_dns_name(std::string_view name) noexcept {
  if (name.size() > 253) return false;
  if (name.starts_with("*.")) name.remove_prefix(2);  // a wildcard is the whole leftmost label and nothing else
  bool numeric_tld = true;
  while (true) {
    const std::size_t dot = name.find('.');
    const std::string_view label = name.substr(0, dot);
    if (!is_ldh_label(label)) return false;
    numeric_tld = label.find_first_not_of("0123456789") == std::string_view::npos;
    if (dot == std::string_view::npos) return !numeric_tld;  // 10.0.0.256 is a mistyped address, not a name
    name.remove_prefix(dot + 1);
  }
}

}  // namespace detail

SEALRING_INLINE bytes ip_octets(const identifier& id) {
  if (id.kind != identifier::type::ip || id.value.find('\0') != std::string::npos) return {};  // inet_pton stops at a NUL
  const bool v6 = id.value.find(':') != std::string::npos;
  bytes octets(v6 ? 16 : 4);
  if (inet_pton(v6 ? AF_INET6 : AF_INET, id.value.c_str(), octets.data()) != 1) return {};
  return octets;
}

SEALRING_INLINE result<identifier> ip_identifier(bytes_view octets) {
  if (octets.size() != 4 && octets.size() != 16) return fail(errc::bad_length);
  char text[INET6_ADDRSTRLEN] = {};
  inet_ntop(octets.size() == 16 ? AF_INET6 : AF_INET, octets.data(), text, sizeof text);
  return identifier{identifier::type::ip, text};
}

SEALRING_INLINE result<identifier> parse_identifier(std::string_view text) {
  std::string value{text};
  for (char& c : value)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  const identifier ip{identifier::type::ip, value};
  if (const bytes octets = ip_octets(ip); !octets.empty()) return ip_identifier(octets);
  if (!detail::is_dns_name(value)) return fail(errc::bad_name);
  return identifier{identifier::type::dns, std::move(value)};
}

}  // namespace sealring::inline v0

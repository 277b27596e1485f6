// subjectAltName (RFC 5280 section 4.2.1.6): names of every kind that a certificate can be asked for, to DER and back.
#pragma once

#include "sealring/detail/openssl.hpp"
#include "sealring/x509/identifier.hpp"

namespace sealring::inline v0::x509 {

/// What a subjectAltName holds, each kind in the order it has there. What was read is a stranger's word: it may be no name at
/// all.
struct subject_alt_names {
  std::vector<identifier> identifiers{};
  std::vector<std::string> emails{};
  std::vector<std::string> uris{};
  std::size_t others = 0;  ///< how many names are of other kinds (directory names, for example)

  friend bool operator==(const subject_alt_names&, const subject_alt_names&) = default;
};

namespace detail {

/// The tags of GeneralName's choices, each [n] IMPLICIT.
inline constexpr std::uint8_t rfc822_name = 0x81, dns_name = 0x82, uniform_resource_identifier = 0x86, ip_address = 0x87;

constexpr bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool is_alphanumeric(char c) noexcept { return is_letter(c) || (c >= '0' && c <= '9'); }
constexpr bool is_one_of(char c, std::string_view set) noexcept { return set.find(c) != std::string_view::npos; }

/// "a Mailbox as defined in Section 4.1.2 of [RFC2821]" without its quoted forms, which no address of today needs.
bool is_mailbox(std::string_view address);

/// "The name MUST NOT be a relative URI, and it MUST follow the URI syntax [...] MUST include both a scheme [...] and a
/// scheme-specific-part. URIs that include an authority [...] MUST include a fully qualified domain name or IP address as the
/// host."
bool is_absolute_uri(std::string_view uri);

/// False for what parse_identifier would not have made.
bool append_name(bytes& out, const identifier& id);

void read_name(const GENERAL_NAME* name, subject_alt_names& out);

subject_alt_names read_names(const GENERAL_NAMES* list);

/// GeneralNames, DER: empty where there is no name. errc::bad_name where one is not what its kind demands.
result<bytes> general_names_der(std::span<const identifier> identifiers, std::span<const std::string> emails,
                                std::span<const std::string> uris);

}  // namespace detail

}  // namespace sealring::inline v0::x509

#ifndef SEALRING_COMPILED
#include "sealring/x509/impl/subject_alt_name.ipp"
#endif

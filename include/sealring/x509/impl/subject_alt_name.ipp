#pragma once

#include "sealring/x509/subject_alt_name.hpp"

#include "sealring/detail/der.hpp"
#include "sealring/x509/fields.hpp"

#include <algorithm>

namespace sealring::inline v0::x509 {

namespace detail {

/// The tags of GeneralName's choices, each [n] IMPLICIT.
inline constexpr std::uint8_t rfc822_name = 0x81, dns_name = 0x82, uniform_resource_identifier = 0x86, ip_address = 0x87;

constexpr bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool is_alphanumeric(char c) noexcept { return is_letter(c) || (c >= '0' && c <= '9'); }
constexpr bool is_one_of(char c, std::string_view set) noexcept { return set.find(c) != std::string_view::npos; }

/// [ userinfo "@" ] host [ ":" port ] (RFC 3986 section 3.2), of a host that is there.
inline bool is_authority(std::string_view authority) {
  if (const std::size_t at = authority.find('@'); at != std::string_view::npos) {
    if (authority.substr(0, at).find_first_of("[]") != std::string_view::npos) return false;
    authority.remove_prefix(at + 1);
  }
  const std::size_t host_end = authority.find(':', authority.starts_with('[') ? authority.find(']') : 0);
  const std::string_view port = host_end == std::string_view::npos ? "" : authority.substr(host_end + 1);
  std::string host{authority.substr(0, host_end)};
  if (port.find_first_not_of("0123456789") != std::string_view::npos) return false;
  if (host.starts_with('[') && host.ends_with(']'))
    return ip_octets({identifier::type::ip, host.substr(1, host.size() - 2)}).size() == 16;
  std::ranges::replace(host, '_', '-');  // SPIFFE's trust domains may have it
  const auto name = parse_identifier(host);
  return name && !name->wildcard();
}

inline void read_name(const GENERAL_NAME* name, subject_alt_names& out) {
  int type = 0;
  const void* raw = GENERAL_NAME_get0_value(name, &type);
  if (type != GEN_DNS && type != GEN_EMAIL && type != GEN_URI && type != GEN_IPADD) {  // a directory name, say, is no string
    ++out.others;
    return;
  }
  const bytes_view data = octets(static_cast<const ASN1_STRING*>(raw));
  const std::string text{as_text(data)};
  if (type == GEN_DNS) out.identifiers.push_back({identifier::type::dns, text});
  else if (type == GEN_EMAIL) out.emails.push_back(text);
  else if (type == GEN_URI) out.uris.push_back(text);
  else if (auto address = ip_identifier(data)) out.identifiers.push_back(*std::move(address));
  else ++out.others;
}

SEALRING_INLINE subject_alt_names read_names(const GENERAL_NAMES* list) {
  subject_alt_names names;
  for (int i = 0; i < sk_GENERAL_NAME_num(list); ++i) read_name(sk_GENERAL_NAME_value(list, i), names);
  return names;
}

/// "a Mailbox as defined in Section 4.1.2 of [RFC2821]" without its quoted forms, which no address of today needs.
inline bool is_mailbox(std::string_view address) {
  const std::size_t at = address.rfind('@');
  if (at == std::string_view::npos) return false;
  const std::string_view local = address.substr(0, at);
  const bool printable = std::ranges::all_of(
      local, [](char c) { return is_alphanumeric(c) || is_one_of(c, "!#$%&'*+-/=?^_`{|}~."); });  // RFC 5322 section 3.2.3
  const bool dots_between =
      !local.starts_with('.') && !local.ends_with('.') && local.find("..") == std::string_view::npos && !local.empty();
  const auto domain = parse_identifier(address.substr(at + 1));
  return printable && dots_between && local.size() <= 64 && domain && domain->kind == identifier::type::dns &&
         !domain->wildcard();
}

/// "The name MUST NOT be a relative URI, and it MUST follow the URI syntax [...] MUST include both a scheme [...] and a
/// scheme-specific-part. URIs that include an authority [...] MUST include a fully qualified domain name or IP address as the
/// host."
inline bool is_absolute_uri(std::string_view uri) {
  const std::size_t colon = uri.find(':');
  if (colon == 0 || colon == std::string_view::npos) return false;
  const std::string_view scheme = uri.substr(0, colon);
  const std::string_view rest = uri.substr(colon + 1);
  if (!is_letter(scheme.front()) ||
      !std::ranges::all_of(scheme, [](char c) { return is_alphanumeric(c) || is_one_of(c, "+-."); }) ||
      !std::ranges::all_of(rest, [](char c) { return is_alphanumeric(c) || is_one_of(c, "-._~:/?#[]@!$&'()*+,;=%"); }))
    return false;
  return rest.starts_with("//") ? is_authority(rest.substr(2, rest.find_first_of("/?#", 2) - 2)) : !rest.empty();
}

/// False for what parse_identifier would not have made.
inline bool append_name(bytes& out, const identifier& id) {
  if (id.kind == identifier::type::dns) {
    if (!sealring::detail::is_dns_name(id.value)) return false;
    sealring::detail::append_der(out, dns_name, {as_bytes(id.value)});
    return true;
  }
  const bytes octets = ip_octets(id);
  if (octets.empty() || *ip_identifier(octets) != id) return false;
  sealring::detail::append_der(out, ip_address, {octets});
  return true;
}

SEALRING_INLINE result<bytes> general_names_der(std::span<const identifier> identifiers, std::span<const std::string> emails,
                                                std::span<const std::string> uris) {
  bytes list;
  for (const identifier& id : identifiers)
    if (!append_name(list, id)) return fail(errc::bad_name);
  for (const std::string& email : emails) {
    if (!is_mailbox(email)) return fail(errc::bad_name);
    sealring::detail::append_der(list, rfc822_name, {as_bytes(email)});
  }
  for (const std::string& uri : uris) {
    if (!is_absolute_uri(uri)) return fail(errc::bad_name);
    sealring::detail::append_der(list, uniform_resource_identifier, {as_bytes(uri)});
  }
  if (list.empty()) return list;
  return sealring::detail::der_element(sealring::detail::der_sequence, {list});
}

}  // namespace detail

}  // namespace sealring::inline v0::x509

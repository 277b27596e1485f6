#pragma once

#include "sealring/x509/subject_alt_name.hpp"

#include "sealring/detail/der.hpp"
#include "sealring/x509/fields.hpp"

#include <algorithm>

namespace sealring::inline v0::x509 {

namespace detail {

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
inline bool is_absolute_uri(std::string_view uri) noexcept {
  const std::size_t colon = uri.find(':');
  if (colon == 0 || colon == std::string_view::npos) return false;
  const std::string_view scheme = uri.substr(0, colon);
  std::string_view rest = uri.substr(colon + 1);
  if (!is_letter(scheme.front()) ||
      !std::ranges::all_of(scheme, [](char c) { return is_alphanumeric(c) || is_one_of(c, "+-."); }) ||
      !std::ranges::all_of(rest, [](char c) { return is_alphanumeric(c) || is_one_of(c, "-._~:/?#[]@!$&'()*+,;=%"); }))
    return false;
  if (rest.starts_with("//")) rest = rest.substr(2, rest.find_first_of("/?#", 2) - 2);  // the authority
  return !rest.empty();
}

/// False for what parse_identifier would not have made.
inline bool append_name(bytes& out, const identifier& id) {
  if (id.kind == identifier::type::dns) {
    if (!sealring::detail::is_dns_name(id.value)) return false;
    sealring::detail::append_der(out, dns_name, {as_bytes(id.value)});
    return true;
  }
  const bytes octets = ip_octets(id);
  if (octets.empty() || ip_identifier(octets) != id) return false;
  sealring::detail::append_der(out, ip_address, {octets});
  return true;
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
  else if (data.size() == 4 || data.size() == 16) out.identifiers.push_back(ip_identifier(data));
  else ++out.others;
}

SEALRING_INLINE subject_alt_names read_names(const GENERAL_NAMES* list) {
  subject_alt_names names;
  for (int i = 0; i < sk_GENERAL_NAME_num(list); ++i) read_name(sk_GENERAL_NAME_value(list, i), names);
  return names;
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

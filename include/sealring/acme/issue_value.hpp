// What a CAA record's "issue" and a dns-persist-01 record have in common: a domain name, and parameters (RFC 8659 section 4.2).
#pragma once

#include "sealring/result.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace sealring::inline v0::acme {

/// "authority.example; accounturi=https://ca.example/acct/123; policy=wildcard"
struct issue_value {
  /// What stands between two semicolons.
  struct parameter {
    std::string tag;
    std::string value;
  };

  std::string issuer;  ///< the CA's name, lower case; empty for nobody
  std::vector<parameter> parameters{};

  /// All the values of that parameter, whatever the case of its tag.
  [[nodiscard]] std::vector<std::string> values(std::string_view tag) const;
};

namespace detail {

inline std::string lower_case(std::string_view text) {
  std::string out{text};
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

inline std::string_view without_spaces(std::string_view text) noexcept {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// label = (ALPHA / DIGIT) *( *("-") (ALPHA / DIGIT)); a tag is the same
inline bool is_issue_label(std::string_view label) noexcept {
  const auto alnum = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
  return !label.empty() && alnum(label.front()) && alnum(label.back()) &&
         std::ranges::all_of(label, [&](char c) { return alnum(c) || c == '-'; });
}

/// issuer-domain-name = label *("." label)
inline bool is_issuer_name(std::string_view name) noexcept {
  while (true) {
    const std::size_t dot = name.find('.');
    if (!is_issue_label(name.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    name.remove_prefix(dot + 1);
  }
}

/// value = *(%x21-3A / %x3C-7E): what is printed, but no semicolon
inline bool is_issue_parameter(std::string_view value) noexcept {
  return std::ranges::all_of(value, [](char c) { return c > ' ' && c <= '~' && c != ';'; });
}

}  // namespace detail

inline std::vector<std::string> issue_value::values(std::string_view tag) const {
  std::vector<std::string> found;
  for (const parameter& p : parameters)
    if (detail::lower_case(p.tag) == detail::lower_case(tag)) found.push_back(p.value);
  return found;
}

/// errc::bad_name for what the grammar does not allow: a parameter without "=", an empty one, a space inside a value.
[[nodiscard]] inline sealring::result<issue_value> parse_issue_value(std::string_view text) {
  const auto next = [&text] {
    const std::size_t end = std::min(text.find(';'), text.size());
    const std::string_view part = detail::without_spaces(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    return part;
  };
  const bool parameters_follow = text.find(';') != std::string_view::npos;
  const std::string_view issuer = next();
  if (!issuer.empty() && !detail::is_issuer_name(issuer)) return fail(sealring::errc::bad_name);
  issue_value v{detail::lower_case(issuer)};
  if (!parameters_follow || detail::without_spaces(text).empty()) return v;
  for (bool more = true; more;) {
    more = text.find(';') != std::string_view::npos;
    const std::string_view parameter = next();
    const std::size_t equals = parameter.find('=');
    if (equals == std::string_view::npos) return fail(sealring::errc::bad_name);
    const std::string_view tag = detail::without_spaces(parameter.substr(0, equals));
    const std::string_view value = detail::without_spaces(parameter.substr(equals + 1));
    if (!detail::is_issue_label(tag) || !detail::is_issue_parameter(value)) return fail(sealring::errc::bad_name);
    v.parameters.push_back({std::string{tag}, std::string{value}});
  }
  return v;
}

/// The text that reads as this. errc::bad_name where there is none.
[[nodiscard]] inline sealring::result<std::string> to_text(const issue_value& v) {
  if (!v.issuer.empty() && !detail::is_issuer_name(v.issuer)) return fail(sealring::errc::bad_name);
  std::string text = v.issuer;
  if (v.issuer.empty() && v.parameters.empty()) text = ";";
  for (const issue_value::parameter& p : v.parameters) {
    if (!detail::is_issue_label(p.tag) || !detail::is_issue_parameter(p.value)) return fail(sealring::errc::bad_name);
    text += "; " + p.tag + '=' + p.value;
  }
  return text;
}

namespace detail {

/// In the quotes of a zone file, for logs as well: whatever a stranger put into the DNS is printed (RFC 1035 section 5.1).
inline std::string quoted_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet < ' ' || octet > '~') {
      const std::string digits = std::to_string(octet);
      out += '\\' + std::string(3 - digits.size(), '0') + digits;
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out + '"';
}

}  // namespace detail

}  // namespace sealring::inline v0::acme

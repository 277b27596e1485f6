// What a CAA record's "issue" and a dns-persist-01 record have in common: a domain name, and parameters (RFC 8659 section 4.2).
#pragma once

#include "sealring/result.hpp"

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

std::string lower_case(std::string_view text);

/// label = (ALPHA / DIGIT) *( *("-") (ALPHA / DIGIT)); a tag is the same
bool is_issue_label(std::string_view label) noexcept;

/// issuer-domain-name = label *("." label)
bool is_issuer_name(std::string_view name) noexcept;

}  // namespace detail

/// errc::bad_name for what the grammar does not allow: a parameter without "=", an empty one, a space inside a value.
[[nodiscard]] sealring::result<issue_value> parse_issue_value(std::string_view text);

/// The text that reads as this. errc::bad_name where there is none.
[[nodiscard]] sealring::result<std::string> to_text(const issue_value& v);

namespace detail {

/// In the quotes of a zone file, for logs as well: whatever a stranger put into the DNS is printed (RFC 1035 section 5.1).
std::string quoted_text(std::string_view text);

}  // namespace detail

}  // namespace sealring::inline v0::acme

#ifndef SEALRING_COMPILED
#include "sealring/acme/impl/issue_value.ipp"
#endif

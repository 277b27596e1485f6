#pragma once

#include "sealring/acme/caa.hpp"

#include <algorithm>
#include <array>

namespace sealring::inline v0::acme {

SEALRING_INLINE std::string to_text(const caa_record& r) {
  const std::string tag = detail::is_issue_label(r.tag) ? r.tag : detail::quoted_text(r.tag);
  return std::to_string(r.flags) + ' ' + tag + ' ' + detail::quoted_text(r.value);
}

namespace detail {

/// scheme ":" and more of what is printed, without a space (RFC 3986 section 3). `scheme` empty: any.
inline bool is_uri(std::string_view text, std::string_view scheme = {}) {
  const std::size_t colon = text.find(':');
  return colon != std::string_view::npos && colon + 1 < text.size() && is_issue_label(text.substr(0, colon)) &&
         (scheme.empty() || lower_case(text.substr(0, colon)) == scheme) &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace detail

SEALRING_INLINE sealring::result<std::vector<caa_record>> make_caa(std::span<const caa_issuer> issuers,
                                                                   const std::string& contact) {
  std::vector<caa_record> records;
  const auto add = [&](const std::string& tag, bool caa_issuer::* wanted) -> sealring::result<void> {
    if (std::ranges::none_of(issuers, wanted)) records.push_back({0, tag, ";"});
    for (const caa_issuer& one : issuers) {
      if (!(one.*wanted)) continue;
      issue_value value{one.issuer};
      if (!one.account_uri.empty() && !detail::is_uri(one.account_uri)) return fail(sealring::errc::bad_name);
      if (!one.account_uri.empty()) value.parameters.push_back({"accounturi", one.account_uri});
      std::string methods;
      for (const std::string& method : one.methods) {
        if (!detail::is_issue_label(method)) return fail(sealring::errc::bad_name);
        methods += (methods.empty() ? "" : ",") + method;
      }
      if (!methods.empty()) value.parameters.push_back({"validationmethods", methods});
      auto text = to_text(value);
      if (!text || value.issuer.empty()) return fail(sealring::errc::bad_name);
      records.push_back({0, tag, *std::move(text)});
    }
    return {};
  };
  if (auto added = add("issue", &caa_issuer::for_names); !added) return added.error();
  // "issue" speaks of wildcards as well, where there is no "issuewild" (RFC 8659 section 4.3).
  if (std::ranges::any_of(issuers, [](const caa_issuer& one) { return one.for_names != one.for_wildcards; }))
    if (auto added = add("issuewild", &caa_issuer::for_wildcards); !added) return added.error();
  const auto is_contact = [&contact](std::string_view scheme) { return detail::is_uri(contact, scheme); };
  if (!contact.empty() && std::ranges::none_of(std::array{"mailto", "http", "https"}, is_contact))
    return fail(sealring::errc::bad_name);
  if (!contact.empty()) records.push_back({0, "iodef", contact});
  return records;
}

SEALRING_INLINE std::vector<std::string> caa_names(std::string_view domain) {
  std::vector<std::string> names;
  while (!domain.empty()) {
    names.emplace_back(domain);
    domain.remove_prefix(std::min(domain.find('.'), domain.size() - 1) + 1);
  }
  return names;
}

namespace detail {

/// value = [*(label ",") label]
inline bool lists_method(std::string_view list, std::string_view method) noexcept {
  while (true) {
    const std::size_t comma = list.find(',');
    if (list.substr(0, comma) == method) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
}

/// Those of IANA's registry: a CA need not know them all, but none is a reason for us to stop.
inline constexpr std::array<std::string_view, 7> known_caa_tags{"issue",        "issuewild", "iodef",   "contactemail",
                                                                "contactphone", "issuemail", "issuevmc"};

/// What is against this "issue" or "issuewild"; empty if it lets the CA. What cannot be read is like an empty issuer, and lets
/// nobody (RFC 8659 section 4.2). "A Property with multiple "accounturi" parameters is unsatisfiable" (RFC 8657 section 3), and
/// so it is with the methods (RFC 8657 section 4).
inline std::string against(std::string_view text, const caa_question& q) {
  const auto value = parse_issue_value(text);
  if (!value || value->issuer.empty()) return "it lets no CA issue";
  const auto names_the_ca = [&](const std::string& identity) { return lower_case(identity) == value->issuer; };
  if (!q.identities.empty() && std::ranges::none_of(q.identities, names_the_ca))
    return "it is for " + quoted_text(value->issuer);
  const auto accounts = value->values("accounturi");
  if (accounts.size() > 1 || (!accounts.empty() && !q.account_url.empty() && accounts.front() != q.account_url))
    return "it is for another account: accounturi=" + accounts.front();
  const auto methods = value->values("validationmethods");
  if (methods.size() > 1 || (!methods.empty() && !lists_method(methods.front(), q.method)))
    return "it is for other methods: validationmethods=" + methods.front();
  return {};
}

inline failure caa_forbids(std::string what) { return {make_error_code(errc::record_forbids), std::move(what)}; }

}  // namespace detail

SEALRING_INLINE result<void> check_caa(std::span<const caa_record> records, const caa_question& q) {
  const auto has = [&](std::string_view tag) {
    return std::ranges::any_of(records, [&](const caa_record& r) { return detail::lower_case(r.tag) == tag; });
  };
  for (const caa_record& r : records) {
    const bool known = std::ranges::find(detail::known_caa_tags, detail::lower_case(r.tag)) != detail::known_caa_tags.end();
    if ((r.flags & caa_critical) != 0 && !known)
      return detail::caa_forbids("the property " + detail::quoted_text(r.tag) +
                                 " is marked critical and no CA may issue that does not know it; remove it");
  }
  // For a wildcard, issue is ignored where there is an issuewild; for other names, issuewild always is (RFC 8659 section 4.3).
  const std::string relevant = q.wildcard && has("issuewild") ? "issuewild" : "issue";
  std::string reasons;
  for (const caa_record& r : records) {
    if (detail::lower_case(r.tag) != relevant) continue;
    const std::string reason = detail::against(r.value, q);
    if (reason.empty()) return {};
    reasons += (reasons.empty() ? "" : "; ") + detail::quoted_text(r.value) + ": " + reason;
  }
  if (reasons.empty()) return {};
  return detail::caa_forbids("no " + relevant + " record lets this CA issue (" + reasons + "); add one with the value " +
                             detail::quoted_text(q.identities.empty() ? "the CA's name" : q.identities.front()));
}

}  // namespace sealring::inline v0::acme

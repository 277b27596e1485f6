#pragma once

#include "sealring/acme/dns_persist.hpp"

#include "sealring/acme/timestamp.hpp"
#include "sealring/base64url.hpp"
#include "sealring/digest.hpp"

#include <algorithm>

namespace sealring::inline v0::acme {

SEALRING_INLINE dns_persist_draft draft_of(const directory& d) noexcept {
  return d.account_hash_prefix.empty() ? dns_persist_draft::v01 : dns_persist_draft::v02;
}

SEALRING_INLINE std::string dns_persist_name(std::string_view domain) { return "_validation-persist." + std::string{domain}; }

SEALRING_INLINE result<void> check_dns_persist_challenge(const challenge& c, const directory& d) {
  const auto malformed = [](const std::string& why) {
    return failure{make_error_code(errc::not_acme), "the challenge dns-persist-01 is malformed: " + why};
  };
  const auto contains = [](const std::vector<std::string>& names, const std::string& name) {
    return std::ranges::find(names, name) != names.end();
  };
  const auto& names = c.issuer_domain_names;
  if (names.empty() || names.size() > 10) return malformed("it has " + std::to_string(names.size()) + " issuer domain names");
  for (const std::string& name : names)
    if (name.size() > 253 || !detail::is_issuer_name(name) || detail::lower_case(name) != name)
      return malformed(detail::quoted_text(name) + " is no normalized domain name");
  if (draft_of(d) == dns_persist_draft::v01) return {};
  for (const std::string& name : d.issuer_domain_names)
    if (!contains(names, name)) return malformed("it lacks the directory's issuer domain name " + detail::quoted_text(name));
  for (const std::string& name : names)
    if (!d.caa_identities.empty() && !contains(d.caa_identities, name))
      return malformed(detail::quoted_text(name) + " is not among the CA's caaIdentities");
  return {};
}

SEALRING_INLINE sealring::result<std::vector<std::string>> dns_persist_account_uris(const dns_persist_account& account,
                                                                                    std::string_view domain) {
  const auto known = parse_identifier(domain);
  const bool is_domain = known && known->kind == identifier::type::dns && !known->wildcard();
  if (!is_domain || account.url.empty()) return fail(sealring::errc::bad_name);
  if (account.draft == dns_persist_draft::v01) return std::vector{account.url};
  if (account.hash_prefix.empty() || account.thumbprint.size() != 43) return fail(sealring::errc::bad_name);
  std::vector<std::string> uris;
  for (const std::string& name : {known->value, std::string{"*"}}) {
    // H(length_of_domain || domain_name || key || account_URL)
    const auto digest = hash<sha256>(
        as_bytes(static_cast<char>(static_cast<unsigned char>(name.size())) + name + account.thumbprint + account.url));
    if (!digest) return digest.error();
    uris.push_back(account.hash_prefix + "sha-256/" + base64url_encode(digest->view()));
  }
  return uris;
}

SEALRING_INLINE sealring::result<std::string> to_text(const dns_persist_record& r) {
  issue_value v{r.issuer, {{"accounturi", r.account_uri}}};
  if (r.issuer.empty() || r.account_uri.empty()) return fail(sealring::errc::bad_name);
  if (r.wildcard) v.parameters.push_back({"policy", "wildcard"});
  if (r.persist_until) v.parameters.push_back({"persistUntil", std::to_string(r.persist_until->time_since_epoch().count())});
  return to_text(v);
}

SEALRING_INLINE std::vector<std::string> character_strings(std::string_view text) {
  std::vector<std::string> strings;
  for (; !text.empty(); text.remove_prefix(std::min<std::size_t>(255, text.size()))) strings.emplace_back(text.substr(0, 255));
  return strings;
}

SEALRING_INLINE result<dns_persist_record> parse_dns_persist(std::string_view text) {
  const auto wrong = [](std::string why) { return failure{make_error_code(errc::record_forbids), std::move(why)}; };
  const auto value = parse_issue_value(text);
  if (!value) return wrong("it is not a domain name and parameters");
  if (value->issuer.empty()) return wrong("it names no CA");
  const auto accounts = value->values("accounturi");
  const auto policies = value->values("policy");
  const auto times = value->values("persistUntil");
  if (accounts.empty()) return wrong("it has no accounturi");
  for (const auto& [tag, count] : {std::pair{"accounturi", accounts.size()}, std::pair{"policy", policies.size()},
                                   std::pair{"persistUntil", times.size()}})
    if (count > 1) return wrong("it has more than one " + std::string{tag});
  dns_persist_record r{value->issuer, accounts.front()};
  r.wildcard = !policies.empty() && detail::lower_case(policies.front()) == "wildcard";
  if (!times.empty()) {
    const std::string& digits = times.front();
    // 18 digits hold any time there will be, and fit.
    if (digits.empty() || digits.size() > 18 || digits.find_first_not_of("0123456789") != std::string::npos)
      return wrong("its persistUntil is no number of seconds");
    r.persist_until = std::chrono::sys_seconds{std::chrono::seconds{std::stoll(digits)}};
  }
  return r;
}

SEALRING_INLINE result<dns_persist_record> check_dns_persist(std::span<const std::string> texts,
                                                             const dns_persist_question& q) {
  std::string reasons;
  for (const std::string& text : texts) {
    std::string reason;
    const auto record = parse_dns_persist(text);
    if (!record) reason = record.error().what;
    else if (std::ranges::find(q.issuers, record->issuer) == q.issuers.end()) continue;  // another CA's, which is no fault
    else if (std::ranges::find(q.account_uris, record->account_uri) == q.account_uris.end())
      reason = "it is for another account";
    else if (q.wildcard && !record->wildcard) reason = "it is without policy=wildcard";
    else if (record->persist_until && q.now > *record->persist_until)
      reason = "it held until " + format_timestamp(*record->persist_until);
    else return *record;
    reasons += (reasons.empty() ? "" : "; ") + detail::quoted_text(text) + ": " + reason;
  }
  return failure{make_error_code(errc::record_forbids),
                 reasons.empty() ? "there is no record of this CA's" : "no record lets this CA issue (" + reasons + ')'};
}

}  // namespace sealring::inline v0::acme

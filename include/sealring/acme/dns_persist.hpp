// dns-persist-01: a DNS record that stays, and proves a name to one CA for one account whenever it is asked for
// (draft-ietf-acme-dns-persist). The drafts do not agree on how a record names the account: `dns_persist_draft` says which one
// is meant, and draft_of which one a CA speaks.
//
//   const dns_persist_account me{draft_of(directory), account.url, thumbprint, directory.account_hash_prefix};
//   const auto uris = dns_persist_account_uris(me, "example.com");
//   const auto text = to_text(dns_persist_record{challenge.issuer_domain_names.front(), uris->front()});
//   publish(dns_persist_name("example.com"), character_strings(*text));
#pragma once

#include "sealring/acme/challenge.hpp"
#include "sealring/acme/directory.hpp"
#include "sealring/acme/issue_value.hpp"

namespace sealring::inline v0::acme {

/// Which draft a CA speaks.
enum class dns_persist_draft : std::uint8_t {
  v01,  ///< drafts 00 and 01: the account's URL as it is (draft-ietf-acme-dns-persist-01 section 4)
  v02,  ///< a hash over the name, the account's key and its URL (draft-ietf-acme-dns-persist-02 section 4.1)
};

/// "A CA that advertises support for the dns-persist-01 challenge type MUST advertise an accountHashPrefix"
/// (draft-ietf-acme-dns-persist-02 section 4.1); before that draft there was none.
[[nodiscard]] inline dns_persist_draft draft_of(const directory& d) noexcept {
  return d.account_hash_prefix.empty() ? dns_persist_draft::v01 : dns_persist_draft::v02;
}

/// The name of the TXT record (draft-ietf-acme-dns-persist-02 section 4). `domain` is without "*.".
[[nodiscard]] inline std::string dns_persist_name(std::string_view domain) {
  return "_validation-persist." + std::string{domain};
}

/// "Clients MUST consider a challenge malformed if the issuerDomainNames array is empty or if it contains more than 10 entries"
/// (draft-ietf-acme-dns-persist-02 section 3.1), or one that is not in lower case, or ends with a dot, or is longer than 253
/// octets; and from draft 02 on, if it lacks a name of the directory's, or has one that is no CAA identity of the CA's
/// (draft-ietf-acme-dns-persist-02 section 3.2). errc::not_acme says which it is.
[[nodiscard]] inline result<void> check_dns_persist_challenge(const challenge& c, const directory& d) {
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

// --- the record

/// The account that a record is for.
struct dns_persist_account {
  dns_persist_draft draft;
  std::string url;            ///< account::url
  std::string thumbprint{};   ///< jose::thumbprint of the account's key; of draft 02 on
  std::string hash_prefix{};  ///< directory::account_hash_prefix; of draft 02 on
};

/// How a record at that domain names the account: the first is to be published, and a CA accepts any. Of draft 02 the second is
/// the same for every domain, for those who would rather publish one record than hide that their domains belong together
/// (draft-ietf-acme-dns-persist-02 section 4.1). `domain` is without "*."; errc::bad_name where it is no name, or the account
/// lacks what its draft needs.
[[nodiscard]] inline sealring::result<std::vector<std::string>> dns_persist_account_uris(const dns_persist_account& account,
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

/// A TXT record's content, in the syntax of CAA's "issue" (draft-ietf-acme-dns-persist-02 section 4.1).
struct dns_persist_record {
  std::string issuer;       ///< "MUST be one of the Issuer Domain Names provided by the CA": challenge::issuer_domain_names
  std::string account_uri;  ///< one of dns_persist_account_uris
  bool wildcard = false;    ///< "policy=wildcard": for "*." and all names below, too
  /// "A CA MUST NOT use the record for a new validation attempt" after it; nothing: for ever
  std::optional<std::chrono::sys_seconds> persist_until{};
};

/// errc::bad_name where the issuer or the account's URI cannot be written in a record.
[[nodiscard]] inline sealring::result<std::string> to_text(const dns_persist_record& r) {
  issue_value v{r.issuer, {{"accounturi", r.account_uri}}};
  if (r.issuer.empty() || r.account_uri.empty()) return fail(sealring::errc::bad_name);
  if (r.wildcard) v.parameters.push_back({"policy", "wildcard"});
  if (r.persist_until) v.parameters.push_back({"persistUntil", std::to_string(r.persist_until->time_since_epoch().count())});
  return to_text(v);
}

/// A TXT record is "one or more" strings of at most 255 octets (RFC 1035 section 3.3.14), which its reader joins.
[[nodiscard]] inline std::vector<std::string> character_strings(std::string_view text) {
  std::vector<std::string> strings;
  for (; !text.empty(); text.remove_prefix(std::min<std::size_t>(255, text.size()))) strings.emplace_back(text.substr(0, 255));
  return strings;
}

/// Of a record's strings, joined. "The server MUST ignore any parameter within the issue-value that has an unrecognized tag",
/// and a policy it does not know (draft-ietf-acme-dns-persist-02 section 4.1). errc::record_forbids says what is wrong with it.
[[nodiscard]] inline result<dns_persist_record> parse_dns_persist(std::string_view text) {
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

// --- the check

/// What a record is checked for.
struct dns_persist_question {
  std::span<const std::string> issuers;       ///< challenge::issuer_domain_names
  std::span<const std::string> account_uris;  ///< dns_persist_account_uris
  bool wildcard = false;                      ///< authorization::wildcard, or a name below the record's
  std::chrono::sys_seconds now;
};

/// The record that will make the CA's validation succeed, of those at dns_persist_name, each with its strings joined.
/// errc::record_forbids says what is wrong with each that is this CA's, or that none is.
[[nodiscard]] inline result<dns_persist_record> check_dns_persist(std::span<const std::string> texts,
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

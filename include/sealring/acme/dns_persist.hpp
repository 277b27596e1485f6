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
[[nodiscard]] dns_persist_draft draft_of(const directory& d) noexcept;

/// The name of the TXT record (draft-ietf-acme-dns-persist-02 section 4). `domain` is without "*.".
[[nodiscard]] std::string dns_persist_name(std::string_view domain);

/// "Clients MUST consider a challenge malformed if the issuerDomainNames array is empty or if it contains more than 10 entries"
/// (draft-ietf-acme-dns-persist-02 section 3.1), or one that is not in lower case, or ends with a dot, or is longer than 253
/// octets; and from draft 02 on, if it lacks a name of the directory's, or has one that is no CAA identity of the CA's
/// (draft-ietf-acme-dns-persist-02 section 3.2). errc::not_acme says which it is.
[[nodiscard]] result<void> check_dns_persist_challenge(const challenge& c, const directory& d);

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
[[nodiscard]] sealring::result<std::vector<std::string>> dns_persist_account_uris(const dns_persist_account& account,
                                                                                  std::string_view domain);

/// A TXT record's content, in the syntax of CAA's "issue" (draft-ietf-acme-dns-persist-02 section 4.1).
struct dns_persist_record {
  std::string issuer;       ///< "MUST be one of the Issuer Domain Names provided by the CA": challenge::issuer_domain_names
  std::string account_uri;  ///< one of dns_persist_account_uris
  bool wildcard = false;    ///< "policy=wildcard": for "*." and all names below, too
  /// "A CA MUST NOT use the record for a new validation attempt" after it; nothing: for ever
  std::optional<std::chrono::sys_seconds> persist_until{};
};

/// errc::bad_name where the issuer or the account's URI cannot be written in a record.
[[nodiscard]] sealring::result<std::string> to_text(const dns_persist_record& r);

/// A TXT record is "one or more" strings of at most 255 octets (RFC 1035 section 3.3.14), which its reader joins.
[[nodiscard]] std::vector<std::string> character_strings(std::string_view text);

/// Of a record's strings, joined. "The server MUST ignore any parameter within the issue-value that has an unrecognized tag",
/// and a policy it does not know (draft-ietf-acme-dns-persist-02 section 4.1). errc::record_forbids says what is wrong with it.
[[nodiscard]] result<dns_persist_record> parse_dns_persist(std::string_view text);

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
[[nodiscard]] result<dns_persist_record> check_dns_persist(std::span<const std::string> texts, const dns_persist_question& q);

}  // namespace sealring::inline v0::acme

#ifndef SEALRING_COMPILED
#include "sealring/acme/impl/dns_persist.ipp"
#endif

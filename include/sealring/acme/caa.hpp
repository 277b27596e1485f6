// CAA records: which CA may issue for a name (RFC 8659), for which account and by which method (RFC 8657). Written, and read as
// a CA does. Who looks them up is the caller's business.
#pragma once

#include "sealring/acme/issue_value.hpp"
#include "sealring/acme/problem.hpp"

#include <span>

namespace sealring::inline v0::acme {

/// A CAA resource record's data (RFC 8659 section 4.1).
struct caa_record {
  std::uint8_t flags = 0;  ///< caa_critical or 0
  std::string tag;         ///< "issue", "issuewild", "iodef", ... whatever their case
  std::string value;
};

/// "If the value is set to "1", the Property is critical. A CA MUST NOT issue certificates for any FQDN if the Relevant RRset
/// for that FQDN contains a CAA critical Property for an unknown or unsupported Property Tag" (RFC 8659 section 4.1)
inline constexpr std::uint8_t caa_critical = 128;

/// As in a zone file: 0 issue "ca.example" (RFC 8659 section 4.1.1). Good for logs, too: nothing but printed characters.
[[nodiscard]] std::string to_text(const caa_record& r);

// --- written

/// A CA that may issue.
struct caa_issuer {
  /// One of directory::caa_identities
  std::string issuer;
  /// "A URI ... identifying a specific CA account" (RFC 8657 section 3): account::url; empty for any account
  std::string account_uri{};
  /// The only methods by which a name may be proved (RFC 8657 section 4): "dns-01", ...; empty for any
  std::vector<std::string> methods{};
  bool for_names = true;      ///< for names that are no wildcards
  bool for_wildcards = true;  ///< for wildcards
};

/// The whole record set of a domain: these CAs may issue, and no other. With none, nobody may. `contact` is where a CA reports
/// a request that this forbids, a "mailto:", "http:" or "https:" URL (RFC 8659 section 4.4), or empty. errc::bad_name where
/// something cannot be written in a record.
[[nodiscard]] sealring::result<std::vector<caa_record>> make_caa(std::span<const caa_issuer> issuers,
                                                                 const std::string& contact = {});

// --- read

/// Where the records of that name are looked for, in turn: "CAA(X)", then "Parent(X)", up to but not including the root (RFC
/// 8659 section 3). The first of them that has any, aliases followed, has the relevant record set; where none has, every CA may
/// issue. `domain` is without "*.". An address has no CAA records.
[[nodiscard]] std::vector<std::string> caa_names(std::string_view domain);

/// For whom a certificate would be issued, and how it would be proved.
struct caa_question {
  std::span<const std::string> identities;  ///< directory::caa_identities; empty: not told, so no name can be compared
  std::string account_url;
  std::string method;  ///< "http-01", "dns-01", ...
  bool wildcard = false;
};

/// Whether these, a relevant record set, let the CA issue. errc::record_forbids says what is against each record, and what
/// would have to be added.
[[nodiscard]] result<void> check_caa(std::span<const caa_record> records, const caa_question& q);

}  // namespace sealring::inline v0::acme

#ifndef SEALRING_COMPILED
#include "sealring/acme/impl/caa.ipp"
#endif

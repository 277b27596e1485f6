// DNS messages as far as we need them. ldns writes and reads them; nothing outside dns_message.cpp knows of it.
#pragma once

#include "agent/choice.hpp"
#include "agent/failure.hpp"
#include "agent/manager/solver/endpoint.hpp"
#include "sealring/acme/caa.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sealring::agent {

enum class dns_type : std::uint16_t { a = 1, ns = 2, cname = 5, soa = 6, txt = 16, aaaa = 28, caa = 257 };

/// Names are in lower case, without a dot at the end; the root is "".
struct dns_record {
  std::string owner;
  dns_type type;
  std::string text;      ///< A, AAAA: the address; NS, CNAME: the name; TXT: its strings, joined; else empty
  acme::caa_record caa;  ///< CAA
};

struct dns_answer {
  unsigned rcode = 0;
  bool authoritative = false;
  bool truncated = false;
  std::vector<dns_record> answer;  ///< of the types above; others are passed over
  std::vector<dns_record> authority;

  [[nodiscard]] bool name_exists() const noexcept { return rcode != 3; }
  /// The texts of `type` in the answer, whoever owns them: at the end of a chain of CNAMEs another name does.
  [[nodiscard]] std::vector<std::string> texts(dns_type type) const;
};

/// A TSIG key (RFC 8945). The secret is in base64; whoever makes one wipes it.
struct tsig_key {
  std::string name;
  tsig_algorithm algorithm = tsig_algorithm::sha256;
  std::string secret;
  tsig_key() = default;
  tsig_key(const tsig_key&) = delete;
  tsig_key& operator=(const tsig_key&) = delete;
  ~tsig_key();
};

/// One TXT record to be added to or deleted from a zone (RFC 2136 sections 2.5.1 and 2.5.4).
struct dns_change {
  std::string zone;
  std::string name;
  std::string value;  ///< up to 255 octets
  unsigned ttl = 60;
  bool add = true;
};

/// Asks one server, by UDP and, where the answer does not fit, by TCP. Any RCODE is an answer; a failure is a server that
/// cannot be reached or that answers nonsense: condition::retry_later.
[[nodiscard]] result<dns_answer> dns_ask(const endpoint&, const std::string& name, dns_type, bool recursion, deadline);

/// Sends the change to the zone's primary, by TCP. The failure says in words what the server's RCODE means and what to check.
[[nodiscard]] result<void> dns_update(const endpoint&, const dns_change&, const tsig_key*, deadline);

/// "NXDOMAIN", …
[[nodiscard]] std::string rcode_text(unsigned rcode);

}  // namespace sealring::agent

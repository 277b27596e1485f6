// CAA records (RFC 8659), and the parameters that bind them to an account or to a method (RFC 8657).
#pragma once

#include "agent/choice.hpp"
#include "agent/failure.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace sealring::agent {

struct caa_record {
  std::uint8_t flags = 0;  ///< 128: critical
  std::string tag;
  std::string value;
};

/// For whom a certificate would be issued, and how it would be proved.
struct caa_question {
  std::span<const std::string> identities;  ///< the directory's "caaIdentities"; empty: not told, so no name can be compared
  std::string account_url;
  challenge_type method = challenge_type::http01;
  bool wildcard = false;
};

/// Whether these records, the relevant record set of section 3, let the CA issue. The failure says which record does not, and
/// what it would have to be.
[[nodiscard]] result<void> caa_verdict(std::span<const caa_record>, const caa_question&);

}  // namespace sealring::agent

// What the metrics tell, gathered: plain values, by whoever knows them.
#pragma once

#include "agent/wire/message.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace sealring::agent {

/// Of one [[certificate]]. What is unset or empty is not known, and not shown.
struct certificate_numbers {
  using instant = std::optional<std::chrono::sys_seconds>;

  std::string name;
  instant not_after{};     ///< of the certificate in use
  instant next_renewal{};  ///< the moment chosen for it, whatever became of it since; not the next try after a failure
  instant window_start{};  ///< the CA's suggestion (RFC 9773)
  instant window_end{};
  instant last_success{};        ///< when the last one was issued
  unsigned failures = 0;         ///< of renewals, in a row
  std::optional<bool> proven{};  ///< whether servers were seen to present it; unset: nothing to look at
  bool revoked = false;
  std::optional<unsigned> valid_scts{};
  std::optional<unsigned> unknown_scts{};  ///< of logs that are not in our list
  std::optional<unsigned> bad_scts{};
};

/// How often something was asked of a CA, with one outcome.
struct ca_count {
  std::string directory;
  std::string outcome;  ///< "done", "failed", "rate-limited", ...: a handful of words
  std::uint64_t count = 0;
};

struct snapshot {
  std::vector<certificate_numbers> certificates;
  std::vector<ca_count> orders;
  std::optional<wire::statistics_reply> keeper;  ///< unset: it does not answer
  std::vector<std::string> troubles;             ///< what else a person should know, a line each
};

}  // namespace sealring::agent

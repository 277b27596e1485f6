// A fleet of certificates through months, in seconds: when each is renewed, and what that asks of tokens, CA and limits.
//
// The decisions are the product's own (agent/manager/schedule.hpp and budget.hpp), by a clock of ours. The CA is Let's Encrypt
// as far as it matters here: a window of two percent of the lifetime, around two thirds of it, or around the half below ten
// days; limits that do not count what is renewed in its window.
#pragma once

#include "agent/config.hpp"

#include <optional>
#include <vector>

namespace sealring::bench {

struct fleet {
  std::size_t certificates = 1'000'000;
  std::chrono::seconds life = std::chrono::days{90};
  std::chrono::seconds time = std::chrono::days{180};
  std::optional<std::chrono::seconds> outage{};  ///< of the CA, in the middle; unset: none
  std::size_t accounts = 1;                      ///< at the CA, among which the certificates are divided
  std::size_t per_domain = 10;                   ///< certificates a registered domain
  std::vector<agent::rate_limit> limits{};       ///< empty: Let's Encrypt's
  double pace = 20;                              ///< certificates a second that all agents together obtain
  std::uint64_t seed = 2026;
};

struct fleet_outcome {
  std::vector<std::uint32_t> renewals;  ///< of each hour
  std::uint64_t renewed = 0;
  std::uint64_t failed = 0;        ///< attempts that found no CA
  std::uint64_t postponed = 0;     ///< attempts that were not made, since a limit forbade them
  std::uint64_t outside = 0;       ///< renewals outside the window that the CA had suggested
  std::uint64_t expired = 0;       ///< certificates that were renewed too late, or not yet at the end
  std::chrono::seconds longest{};  ///< that one of those was without a valid certificate
  std::uint64_t questions = 0;     ///< when to renew (RFC 9773)

  [[nodiscard]] double an_hour() const;
  [[nodiscard]] std::uint32_t peak_hour() const;
};

/// It begins with certificates of every age, as in a fleet that has been at work for long.
[[nodiscard]] fleet_outcome simulate(const fleet&);

}  // namespace sealring::bench

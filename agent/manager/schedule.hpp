// When a certificate is renewed, and when what has failed is tried again. Decisions only: times come in and go out.
#pragma once

#include "agent/manager/record.hpp"

namespace sealring::agent {

/// What a CA suggests (RFC 9773 section 4.2).
struct renewal_suggestion {
  std::chrono::sys_seconds start;
  std::chrono::sys_seconds end;
  std::string explanation_url{};                      ///< "a URL pointing to a page which may explain why"
  std::optional<std::chrono::seconds> retry_after{};  ///< section 4.3: when to ask again
};

/// An instant in [start, end), as `chance` in [0, 1) picks it.
[[nodiscard]] std::chrono::sys_seconds instant_in(std::chrono::sys_seconds start, std::chrono::sys_seconds end, double chance);

/// Where no CA suggests anything: at two thirds of the lifetime, at half of one below ten days.
[[nodiscard]] std::chrono::sys_seconds usual_renewal(std::chrono::sys_seconds not_before, std::chrono::sys_seconds not_after);

/// After so many failures in a row: 1 minute, 10, 100, a day; at most a tenth of the validity that is left, so that no outage
/// is slept through. What is not valid any more has waited long enough for 10 minutes to be the most.
[[nodiscard]] std::chrono::seconds pause_after(int failures, std::chrono::seconds left);

/// From one question to the next (RFC 9773 section 4.3.2): what the CA says, but a minute at least and a day at most.
[[nodiscard]] std::chrono::seconds pause_before_asking(std::optional<std::chrono::seconds> retry_after);

/// A new certificate: nothing is known of it but when it ends.
void begin(upkeep&, const certificate&, std::chrono::sys_seconds now, double chance);

/// The CA's answer. A window that has not changed keeps the instant that was picked in it (section 4.2).
void take_suggestion(upkeep&, const renewal_suggestion&, std::chrono::sys_seconds now, double chance);

/// The CA has no answer, or none that could be read: what was known before stands.
void take_no_suggestion(upkeep&, std::optional<std::chrono::seconds> retry_after, std::chrono::sys_seconds now);

/// When it is renewed, whatever its CA suggests: while there is time to do so.
[[nodiscard]] std::chrono::sys_seconds renew_by(const upkeep&, const certificate&);

/// The limits do not count a renewal in the window that the CA itself has suggested.
[[nodiscard]] bool is_in_window(const upkeep&, std::chrono::sys_seconds now);

/// An attempt has failed, or succeeded. `left` of validity; `retry_after`: the CA's word, which may be longer than ours, but a
/// third of what is left at most.
void note_failure(upkeep&, std::string why, std::optional<std::chrono::seconds> retry_after, std::chrono::seconds left,
                  std::chrono::sys_seconds now);
void note_success(upkeep&);

}  // namespace sealring::agent

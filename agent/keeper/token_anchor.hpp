// The token as the audit log's anchor: the last checkpoint's line, in a data object beside the keys.
//
// Whoever can write the log's file can cut it; he cannot cut what the token holds. But a card's memory bears some hundred
// thousand writes and no more, so that the token gets a checkpoint when there is a first one, then one in an hour, and the last
// one at the end, where the journal gets them all.
#pragma once

#include "agent/keeper/audit/log.hpp"

namespace sealring::agent {

/// The same anchor, but a failure that goes on is told once.
[[nodiscard]] audit::anchor told_once(audit::anchor);

/// Safe from many threads.
class token_anchor {
public:
  using clock = std::chrono::steady_clock;

  using reader = std::function<result<std::vector<std::string>>()>;
  token_anchor(reader read, audit::anchor write) : read_{std::move(read)}, write_{told_once(std::move(write))} {}

  /// All checkpoint lines that the token has, the newest first. What is none is passed over.
  [[nodiscard]] result<std::vector<std::string>> read() const;

  /// An audit::anchor.
  [[nodiscard]] result<void> keep(std::string_view line, clock::time_point now = clock::now());

  /// What was not due yet.
  [[nodiscard]] result<void> flush();

private:
  const reader read_;
  const audit::anchor write_;
  std::mutex mutex_;  // guards what follows
  std::optional<clock::time_point> next_;
  std::string waiting_;
};

}  // namespace sealring::agent

// Following the chain: each record is numbered, follows from the one before, and each checkpoint is signed and true.
#pragma once

#include "agent/keeper/audit/checkpoint.hpp"

#include <array>
#include <deque>
#include <optional>

namespace sealring::agent::audit {

/// A checkpoint is signed while others write, so it may stand this many records behind the one that it covers, and no more.
inline constexpr std::uint64_t longest_lag = 65536;

/// Copies are independent: a place in the log that can be come back to.
class chain {
public:
  /// Begins with the first record. `pinned`: the audit key that it must name.
  explicit chain(std::optional<bytes> pinned = {}) : pinned_(std::move(pinned)) {}

  /// Takes the next line, without its newline. A failure says why it cannot be the next, and changes nothing.
  [[nodiscard]] result<record> push(std::string_view line);

  /// As if all up to record `covers` had been pushed. Only for a signed checkpoint of a chain that has read its first record.
  [[nodiscard]] result<chain> resumed_at(const checkpoint&) const;

  [[nodiscard]] const link& at() const noexcept { return at_; }
  [[nodiscard]] const std::optional<audit::header>& header() const noexcept { return header_; }
  /// The last record that a checkpoint covers.
  [[nodiscard]] std::optional<std::uint64_t> signed_up_to() const noexcept { return signed_up_to_; }
  /// The number of the last checkpoint's own record.
  [[nodiscard]] std::optional<std::uint64_t> last_checkpoint() const noexcept { return last_checkpoint_; }
  [[nodiscard]] bool is_genuine(const checkpoint&) const;

private:
  [[nodiscard]] result<void> begin(const record&);
  [[nodiscard]] result<void> check(const checkpoint&) const;

  std::optional<bytes> pinned_;
  link at_;
  std::optional<audit::header> header_;
  std::optional<verifier<es256>> key_;
  std::deque<std::array<char, 64>> recent_;  // the hashes of the last records, the newest at the back
  std::optional<std::uint64_t> signed_up_to_;
  std::optional<std::uint64_t> last_checkpoint_;
};

}  // namespace sealring::agent::audit

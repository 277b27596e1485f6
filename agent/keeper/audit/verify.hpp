// Whether a log is as the keeper wrote it: offline, from the file and the audit key, a line at a time.
#pragma once

#include "agent/keeper/audit/chain.hpp"

#include <filesystem>
#include <map>
#include <vector>

namespace sealring::agent::audit {

/// Checkpoint lines that were kept elsewhere: `journalctl -o cat`, or the token's object. Other lines are passed over.
struct anchored_checkpoints {
  std::multimap<std::uint64_t, std::string> by_sequence;
};
[[nodiscard]] anchored_checkpoints read_anchors(std::string_view text);

struct bad_record {
  std::uint64_t sequence = 0;  ///< that was due there
  std::uint64_t line = 0;      ///< from 1
  std::string why;
};

/// What was found. Its truth is that of the key: one that stands only in the log proves no more than that the log fits itself.
struct verification {
  std::string log;            ///< the header's id
  std::string key;            ///< SubjectPublicKeyInfo, base64
  bool key_pinned = false;    ///< whether the key was given, or taken from the log's header
  std::uint64_t records = 0;  ///< good ones, from the first on
  std::uint64_t checkpoints = 0;
  std::vector<std::uint64_t> torn;              ///< records which say that a torn end was set aside before them
  std::optional<bad_record> first_bad;          ///< nothing behind it was looked at
  std::optional<std::uint64_t> signed_up_to;    ///< no record up to this one was changed, by the audit key's signature
  std::optional<std::uint64_t> excluded_up_to;  ///< that the log was cut before or at this record is excluded, by an anchor
  std::uint64_t anchors = 0;                    ///< that are in the log
  std::uint64_t foreign_anchors = 0;            ///< of another log or another key: passed over
  [[nodiscard]] bool good() const noexcept { return !first_bad; }
};

/// A verification under way. Copies are independent.
class verifier_state {
public:
  explicit verifier_state(std::optional<bytes> pinned = {}, const anchored_checkpoints* anchors = nullptr);

  /// The next line, without its newline; `whole`: whether it had one. False from the first bad record on.
  bool push(std::string_view line, bool whole = true);
  /// After the last line.
  [[nodiscard]] verification finish() const;
  /// What is known so far.
  [[nodiscard]] const verification& so_far() const noexcept { return found_; }

private:
  bool bad(std::string why);
  [[nodiscard]] bool agrees_with_anchors(const record&, std::string_view line);
  chain chain_;
  const anchored_checkpoints* anchors_;
  verification found_;
};

/// The whole file. A failure where it cannot be read; a bad log is no failure.
[[nodiscard]] result<verification> verify(const std::filesystem::path& log, std::optional<bytes> pinned = {},
                                          const anchored_checkpoints* anchors = nullptr);

/// A public key as PEM, DER or base64 of the DER, as SubjectPublicKeyInfo.
[[nodiscard]] result<bytes> read_key(std::string_view);

/// Lines for a person: what was found, how far it reaches, what to do.
[[nodiscard]] std::vector<std::string> to_lines(const verification&);

}  // namespace sealring::agent::audit

// The audit log: what the keeper was asked, written before it answers.
//
// The keeper judges, signs, appends, and only then answers: a signature whose record could not be written never leaves. What
// "written" promises is the operator's choice (audit_sync):
//   interval  write(2) has returned: the record survives the end of any process. The disk has it within 100 ms: a power cut may
//             take the records of the last moment, and nothing but those.
//   always    fdatasync(2) has returned too: it survives a power cut, as far as disk and file system keep their word.
// At checkpoints the disk has all in either mode.
#pragma once

#include "agent/choice.hpp"
#include "agent/keeper/audit/record.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

namespace sealring::agent::audit {

/// Signs a message with the audit key, ES256, r||s. Called from the log's own thread too; a deadline on it is the caller's
/// matter.
using signer_function = std::function<result<sealring::bytes>(bytes_view message)>;

/// Keeps a checkpoint's line where those who can write the log cannot: the token, the journal.
using anchor = std::function<result<void>(std::string_view checkpoint_line)>;

struct log_options {
  std::filesystem::path file;
  audit_sync sync = audit_sync::interval;
  sealring::bytes key;  ///< the audit key's SubjectPublicKeyInfo
  signer_function sign;
  std::vector<anchor> anchors{};
  std::string anchored{};  ///< the checkpoint's line that an anchor holds; empty: none
  std::uint64_t checkpoint_records = 1000;
  std::chrono::milliseconds checkpoint_interval = std::chrono::seconds{60};
  std::chrono::milliseconds sync_interval = std::chrono::milliseconds{100};
  std::function<void(const failure&)> report{};  ///< told of what fails with nobody waiting for it, and of torn lines
};

/// How far a log has come.
struct log_numbers {
  std::uint64_t records = 0;               ///< in the file
  std::uint64_t unsynced = 0;              ///< of them, those that the disk need not have yet
  std::uint64_t uncovered = 0;             ///< of them, those that no checkpoint covers yet
  std::chrono::seconds checkpoint_age{0};  ///< since the last one of this process, or since open()
  std::uint64_t size = 0;                  ///< of the file, in bytes
};

/// Safe from many threads. One process at a time has a log open for writing.
class audit_log {
public:
  /// Continues the log, or begins one where there is none. condition::operator_needed where the file is not ours alone, was
  /// damaged, has another key, or ends before the checkpoint that an anchor holds; condition::retry_later while another process
  /// has it. What a power cut left of a last line goes to a file beside the log, and a record says so.
  [[nodiscard]] static result<audit_log> open(log_options);

  audit_log(audit_log&&) noexcept;
  audit_log& operator=(audit_log&&) noexcept;
  /// Closes.
  ~audit_log();

  /// Its number, once the record is as safe as the mode promises. On a failure nothing of it stays in the file. A full disk:
  /// condition::operator_needed, and it works again when there is room.
  [[nodiscard]] result<std::uint64_t> append(const request&);
  [[nodiscard]] result<std::uint64_t> append(const event&);

  /// Signs how far the log has come, unless nothing has been added since the last time; syncs, and tells the anchors. It is
  /// also done every `checkpoint_records` and `checkpoint_interval`, and by close().
  [[nodiscard]] result<void> checkpoint();

  /// A last checkpoint, and no more appends.
  [[nodiscard]] result<void> close();

  [[nodiscard]] log_numbers numbers() const noexcept;

  /// Of the log that it is, in hexadecimal: the header's.
  [[nodiscard]] const std::string& id() const noexcept;

private:
  struct state;
  explicit audit_log(std::unique_ptr<state>) noexcept;
  std::unique_ptr<state> state_;
};

}  // namespace sealring::agent::audit

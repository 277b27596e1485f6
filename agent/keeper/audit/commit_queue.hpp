// Group commit: while one thread writes, the others' records gather, and go out together with one write(2) and one
// fdatasync(2).
#pragma once

#include "agent/keeper/audit/log_file.hpp"
#include "agent/keeper/audit/record.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>

namespace sealring::agent::audit {

/// Safe from many threads.
class commit_queue {
public:
  /// `at`: where the chain of the file stands. `sync`: whether a record counts as written only when it is on the disk.
  commit_queue(log_file, link at, bool sync);
  commit_queue(const commit_queue&) = delete;
  commit_queue& operator=(const commit_queue&) = delete;

  /// Returns the record's number when it is written. `nearest`: fails with condition::retry_later if the number would be beyond
  /// it. `line`, if given, receives the line.
  [[nodiscard]] result<std::uint64_t> append(std::string_view encoded, std::uint64_t nearest = UINT64_MAX,
                                             std::string* line = nullptr);

  /// Where the chain of written records stands.
  [[nodiscard]] link written() const;

  struct progress_numbers {
    std::uint64_t written;  ///< records in the file
    std::uint64_t synced;   ///< of them, those that the disk has
    std::uint64_t size;     ///< bytes
  };
  [[nodiscard]] progress_numbers progress() const noexcept;

  /// Brings to the disk what is written. A failure stops all later appends.
  [[nodiscard]] result<void> sync();

private:
  struct batch;
  void write_pending(std::unique_lock<std::mutex>&);
  void give_up(const failure&, bool for_good);

  mutable std::mutex mutex_;
  log_file file_;
  const bool sync_;
  link tip_;              // of all that was taken in
  link written_;          // of what the file holds
  std::uint64_t synced_;  // the number of the first record that the disk need not have
  std::uint64_t size_;    // of the file
  std::shared_ptr<batch> pending_;
  bool writing_ = false;
  std::optional<failure> broken_;
};

}  // namespace sealring::agent::audit

// The log's file: ours alone, locked, and written whole records at a time or not at all.
#pragma once

#include "agent/keeper/audit/lines.hpp"

namespace sealring::agent::audit {

/// Why a write failed, and whether the file can no longer be trusted to hold what we think it does.
struct write_trouble {
  failure why;
  bool for_good = false;
};

class log_file {
public:
  /// Opens or creates it, mode 0600. condition::operator_needed for a symbolic link, another's file, one that others may open
  /// or that has a second name; condition::retry_later while another process holds it.
  [[nodiscard]] static result<log_file> open(std::filesystem::path);

  [[nodiscard]] int descriptor() const noexcept { return file_.get(); }
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

  /// Appends all of it; with `sync`, down to the disk. On failure nothing of it stays. One call at a time.
  [[nodiscard]] std::optional<write_trouble> append(std::string_view, bool sync);
  /// fdatasync(2). May be called while another thread appends.
  [[nodiscard]] result<void> sync() const;
  /// Moves what lies between `from` and `to`, the end, into a new file beside the log. Its name, and the SHA-256 of its
  /// content.
  [[nodiscard]] result<std::pair<std::string, std::string>> set_aside(std::uint64_t from, std::uint64_t to);

private:
  log_file(std::filesystem::path path, open_file file) : path_(std::move(path)), file_(std::move(file)) {}
  [[nodiscard]] write_trouble undo(failure why, bool for_good) const;
  std::filesystem::path path_;
  open_file file_;
  std::uint64_t size_ = 0;
};

}  // namespace sealring::agent::audit

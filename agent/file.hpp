// Files: written whole or not at all, read up to a limit, locked between processes.
#pragma once

#include "agent/failure.hpp"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include <sys/types.h>

namespace sealring::agent {

enum class if_exists { replace, refuse };

/// Writes a file so that a reader, or a crash, sees the old content or the new and nothing between: a temporary file in the
/// same folder, synced, then renamed, and the folder synced. The mode is exact whatever the umask. condition::operator_needed
/// if it exists and is to be refused.
[[nodiscard]] result<void> write_file(const std::filesystem::path&, std::string_view content, mode_t mode,
                                      if_exists = if_exists::replace);

/// The whole content of a regular file. condition::bad_input if it is longer than `limit` bytes.
[[nodiscard]] result<std::string> read_file(const std::filesystem::path&, std::size_t limit = std::size_t{1} << 20);

/// Makes a folder and those above it that are missing, with this mode. Success if it is there.
[[nodiscard]] result<void> make_folders(const std::filesystem::path&, mode_t mode = 0755);

/// Makes what was created, renamed or deleted in a folder survive a power failure.
[[nodiscard]] result<void> sync_folder(const std::filesystem::path&);

/// Held by one process at a time; let go when destroyed, or when the process ends however it ends.
class file_lock {
public:
  /// Waits up to `patience`. After that condition::retry_later, and the message names the process that holds it.
  [[nodiscard]] static result<file_lock> take(const std::filesystem::path&, std::chrono::milliseconds patience);

  file_lock(file_lock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  file_lock& operator=(file_lock&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~file_lock();

private:
  explicit file_lock(int descriptor) noexcept : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace sealring::agent

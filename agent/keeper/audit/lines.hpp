// The lines of a log of any length, in pieces that fit into memory.
#pragma once

#include "agent/failure.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace sealring::agent::audit {

/// An open file, closed when destroyed.
class open_file {
public:
  /// To read: a regular file, not through a symbolic link at its end.
  [[nodiscard]] static result<open_file> to_read(const std::filesystem::path&);

  explicit open_file(int descriptor) noexcept : descriptor_(descriptor) {}
  open_file(open_file&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  open_file& operator=(open_file&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~open_file();
  [[nodiscard]] int get() const noexcept { return descriptor_; }

private:
  int descriptor_;
};

struct line {
  std::string_view text{};   ///< without its newline; until the next call
  std::uint64_t offset = 0;  ///< where it begins in the file
  bool whole = false;        ///< whether it has its newline
};

/// Reads forward. A line much longer than a record may be comes in pieces, and no piece of it is a record.
class line_reader {
public:
  /// Does not own the descriptor, and leaves its position alone.
  explicit line_reader(int descriptor, std::uint64_t offset = 0) noexcept : descriptor_(descriptor), offset_(offset) {}
  /// Nothing at the end of the file.
  [[nodiscard]] result<std::optional<line>> next();

private:
  int descriptor_;
  std::uint64_t offset_;  // of buffer_[used_]
  std::string buffer_;
  std::size_t used_ = 0;
};

/// Reads backward from an offset.
class backward_reader {
public:
  backward_reader(int descriptor, std::uint64_t end) noexcept : descriptor_(descriptor), start_(end) {}
  /// Nothing at the start of the file. What follows the last newline comes first.
  [[nodiscard]] result<std::optional<line>> previous();

private:
  int descriptor_;
  std::uint64_t start_;  // of buffer_
  std::string buffer_;
  std::string given_;
};

}  // namespace sealring::agent::audit

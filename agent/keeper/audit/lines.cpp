#include "agent/keeper/audit/lines.hpp"

#include "agent/keeper/audit/record.hpp"
#include "agent/text.hpp"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sealring::agent::audit {
namespace {

constexpr std::size_t piece = std::size_t{64} * 1024;
static_assert(piece > longest_line);

// Fewer bytes only at the end of the file.
result<std::string> read_at(int descriptor, std::uint64_t offset, std::size_t size) {
  std::string data(size, '\0');
  std::size_t filled = 0;
  while (filled < size) {
    const ssize_t got = ::pread(descriptor, data.data() + filled, size - filled, static_cast<off_t>(offset + filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_failure(errno, "cannot read the audit log");
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  data.resize(filled);
  return data;
}

}  // namespace

result<open_file> open_file::to_read(const std::filesystem::path& path) {
  // Without O_NONBLOCK a FIFO put in the file's place would hold us for ever.
  open_file file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
  if (file.get() < 0) return system_failure(errno, "cannot open the audit log " + quote(path.string()));
  struct stat status{};
  if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode))
    return fail(condition::bad_input, "the audit log " + quote(path.string()) + " is not a regular file");
  return file;
}

open_file::~open_file() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

result<std::optional<line>> line_reader::next() {
  std::size_t searched = used_;
  while (true) {
    const std::size_t end = buffer_.find('\n', searched);
    const bool whole = end != buffer_.npos;
    const std::size_t length = (whole ? end : buffer_.size()) - used_;
    if (!whole && length < piece) {
      buffer_.erase(0, std::exchange(used_, 0));
      searched = buffer_.size();
      auto more = read_at(descriptor_, offset_ + buffer_.size(), piece);
      if (!more) return more.error();
      buffer_ += *more;
      if (!more->empty()) continue;
      if (buffer_.empty()) return std::nullopt;
    }
    const line found{std::string_view{buffer_}.substr(used_, length), offset_, whole};
    used_ += length + (whole ? 1 : 0);
    offset_ += length + (whole ? 1 : 0);
    return found;
  }
}

result<std::optional<line>> backward_reader::previous() {
  while (true) {
    const bool whole = buffer_.ends_with('\n');
    const std::size_t length = buffer_.size() - (whole ? 1 : 0);
    const std::size_t before = length == 0 ? buffer_.npos : buffer_.rfind('\n', length - 1);
    if (before == buffer_.npos && start_ > 0 && length < piece) {
      const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(piece, start_));
      auto earlier = read_at(descriptor_, start_ - size, size);
      if (!earlier) return earlier.error();
      if (earlier->size() != size) return fail(condition::retry_later, "the audit log was cut while it was read");
      start_ -= size;
      buffer_.insert(0, *earlier);
      continue;
    }
    if (buffer_.empty()) return std::nullopt;
    const std::size_t from = before == buffer_.npos ? 0 : before + 1;
    given_ = buffer_.substr(from, length - from);
    buffer_.resize(from);
    return line{given_, start_ + from, whole};
  }
}

}  // namespace sealring::agent::audit

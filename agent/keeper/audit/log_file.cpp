#include "agent/keeper/audit/log_file.hpp"

#include "agent/file.hpp"
#include "agent/keeper/audit/record.hpp"
#include "agent/text.hpp"
#include "sealring/detail/openssl.hpp"
#include "sealring/digest.hpp"

#include <cerrno>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sealring::agent::audit {
namespace {

std::string named(const std::filesystem::path& path) { return "the audit log " + quote(path.string()); }

failure told(int error_number, const char* doing, const std::filesystem::path& path, const char* to_do) {
  failure f = system_failure(error_number, "cannot " + std::string{doing} + ' ' + named(path));
  f.what += std::string{"; until it can be, nothing is signed: "} + to_do;
  return f;
}

// One write(2) as long as the disk takes all of it. errno, or 0.
int write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t put = ::write(descriptor, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  return 0;
}

result<void> check_ours(const std::filesystem::path& path, const struct stat& status) {
  const auto refused = [&](const char* why) { return fail(condition::operator_needed, named(path) + ' ' + why); };
  if (!S_ISREG(status.st_mode)) return refused("is not a regular file; name another in the configuration");
  if (status.st_uid != ::geteuid()) return refused("belongs to another user; chown it, or move it away to begin a new one");
  if ((status.st_mode & 077) != 0) return refused("may be opened by others; look who has changed it, then chmod 600");
  if (status.st_nlink != 1) return refused("has a second name (a hard link); remove that");
  return {};
}

// What stood there before, by a number that no file has yet.
open_file create_beside(const std::filesystem::path& path, std::string& name) {
  for (int i = 1; i < 1000; ++i) {
    name = path.string() + ".torn-" + std::to_string(i);
    open_file file{::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (file.get() >= 0 || errno != EEXIST) return file;
  }
  return open_file{-1};
}

}  // namespace

result<log_file> log_file::open(std::filesystem::path path) {
  const auto failed = [&] { return system_failure(errno, "cannot open " + named(path)); };
  // Without O_NONBLOCK a FIFO put in the file's place would hold us for ever.
  constexpr int flags = O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  open_file file{::open(path.c_str(), flags)};
  if (file.get() < 0 && errno == ENOENT) {
    file = open_file{::open(path.c_str(), flags | O_CREAT | O_EXCL, 0600)};
    if (file.get() < 0 || ::fchmod(file.get(), 0600) != 0) return failed();
    if (auto synced = sync_folder(path.has_parent_path() ? path.parent_path() : "."); !synced) return synced.error();
  }
  if (file.get() < 0) return failed();
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return failed();
  if (auto ours = check_ours(path, status); !ours) return ours.error();
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return failed();
    return fail(condition::retry_later, named(path) + " is in use by another keeper; stop that first");
  }
  log_file opened{std::move(path), std::move(file)};
  opened.size_ = static_cast<std::uint64_t>(status.st_size);
  return opened;
}

std::optional<write_trouble> log_file::append(std::string_view text, bool sync) {
  if (const int why = write_all(file_.get(), text); why != 0) {
    const bool full = why == ENOSPC || why == EDQUOT || why == EFBIG;
    return undo(told(why, "write", path_, full ? "make room on its disk, then it goes on by itself" : "look after its disk"),
                false);
  }
  // A log that was deleted, cut or written to behind our back takes records that nobody will find again.
  // Its times are not asked for: since Linux 6.13 that would make the next write(2) dearer, which then notes a finer one.
  struct statx status{};
  if (::statx(file_.get(), "", AT_EMPTY_PATH, STATX_SIZE | STATX_NLINK, &status) != 0 || status.stx_nlink == 0 ||
      status.stx_size != size_ + text.size())
    return write_trouble{
        fail(condition::operator_needed, named(path_) + " was deleted, cut or written to by another program, so nothing is "
                                                        "signed; find out by whom, then restart the keeper"),
        true};
  if (sync) {
    // After a failed sync the kernel calls the lost pages clean: trying again would succeed, and mean nothing.
    if (auto synced = this->sync(); !synced) return undo(synced.error(), true);
  }
  size_ += text.size();
  return std::nullopt;
}

write_trouble log_file::undo(failure why, bool for_good) const {
  if (::ftruncate(file_.get(), static_cast<off_t>(size_)) == 0) return {std::move(why), for_good};
  why.what += "; nor could what was written in part be removed, so restart the keeper when the disk is well";
  return {std::move(why), true};
}

result<void> log_file::sync() const {
  while (::fdatasync(file_.get()) != 0) {
    if (errno != EINTR) return told(errno, "sync", path_, "look after its disk, then restart the keeper");
  }
  return {};
}

result<std::pair<std::string, std::string>> log_file::set_aside(std::uint64_t from, std::uint64_t to) {
  const auto failed = [&] { return system_failure(errno, "cannot move the torn end of " + named(path_) + " aside"); };
  std::string name;
  const open_file aside = create_beside(path_, name);
  const sealring::detail::evp_md_ctx digest{EVP_MD_CTX_new()};
  if (aside.get() < 0) return failed();
  if (!digest || EVP_DigestInit_ex(digest.get(), sha256::evp(), nullptr) != 1)
    return fail(sealring::detail::crypto_failure(), "cannot hash the torn end of " + named(path_));
  char buffer[16384];
  for (std::uint64_t at = from; at < to;) {
    const ssize_t got = ::pread(file_.get(), buffer, sizeof buffer, static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return failed();
    const auto size = static_cast<std::size_t>(got);
    EVP_DigestUpdate(digest.get(), buffer, size);
    if (write_all(aside.get(), {buffer, size}) != 0) return failed();
    at += size;
  }
  fixed_bytes<sha256::size> value{};
  EVP_DigestFinal_ex(digest.get(), value.data(), nullptr);
  if (::fsync(aside.get()) != 0) return failed();
  if (auto synced = sync_folder(path_.has_parent_path() ? path_.parent_path() : "."); !synced) return synced.error();
  if (::ftruncate(file_.get(), static_cast<off_t>(from)) != 0) return failed();
  size_ = from;
  return std::pair{std::filesystem::path{name}.filename().string(), hexadecimal(value)};
}

}  // namespace sealring::agent::audit

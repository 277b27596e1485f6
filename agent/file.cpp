#include "agent/file.hpp"

#include <cerrno>
#include <thread>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sealring::agent {
namespace fs = std::filesystem;
namespace {

class descriptor {
public:
  explicit descriptor(int fd) noexcept : fd_(fd) {}
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() { close(); }
  int get() const noexcept { return fd_; }
  int release() noexcept { return std::exchange(fd_, -1); }
  bool close() noexcept {
    const int fd = release();
    return fd < 0 || ::close(fd) == 0;
  }

private:
  int fd_;
};

std::string quoted(const fs::path& path) { return "\"" + path.string() + "\""; }

fs::path folder_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

// Deletes the temporary file unless it has become the real one.
struct temporary {
  std::string name;
  ~temporary() {
    if (!name.empty()) ::unlink(name.c_str());
  }
};

bool write_all(int fd, std::string_view content) noexcept {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

result<void> write_file(const fs::path& path, std::string_view content, mode_t mode, if_exists existing) {
  const auto failed = [&] { return system_failure(errno, "cannot write " + quoted(path)); };
  temporary temp{(folder_of(path) / ("." + path.filename().string() + ".XXXXXX")).string()};
  descriptor file{::mkostemp(temp.name.data(), O_CLOEXEC)};
  if (file.get() < 0) {
    temp.name.clear();
    return failed();
  }
  if (!write_all(file.get(), content) || ::fchmod(file.get(), mode) != 0) return failed();
  if (::fsync(file.get()) != 0 || !file.close()) return failed();
  if (existing == if_exists::refuse) {
    // link(2) is rename(2) that refuses; the temporary name goes away by itself.
    if (::link(temp.name.c_str(), path.c_str()) != 0) {
      if (errno == EEXIST) return fail(condition::operator_needed, quoted(path) + " exists already and is not overwritten");
      return failed();
    }
  } else {
    if (::rename(temp.name.c_str(), path.c_str()) != 0) return failed();
    temp.name.clear();
  }
  return sync_folder(folder_of(path));
}

result<std::string> read_file(const fs::path& path, std::size_t limit) {
  const auto failed = [&] { return system_failure(errno, "cannot read " + quoted(path)); };
  // Without O_NONBLOCK a FIFO put in the file's place would hold us for ever.
  const descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.get() < 0) return failed();
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return failed();
  if (!S_ISREG(status.st_mode)) return fail(condition::bad_input, "cannot read " + quoted(path) + ": not a regular file");
  std::string content;
  char buffer[16384];
  while (true) {
    const ssize_t got = ::read(file.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed();
    if (got == 0) return content;
    content.append(buffer, static_cast<std::size_t>(got));
    if (content.size() > limit) {
      return fail(condition::bad_input, quoted(path) + " is longer than the " + std::to_string(limit) + " bytes it may have");
    }
  }
}

result<void> make_folders(const fs::path& path, mode_t mode) {
  struct stat status{};
  if (::stat(path.c_str(), &status) == 0) {
    if (S_ISDIR(status.st_mode)) return {};
    return system_failure(ENOTDIR, "cannot make the folder " + quoted(path));
  }
  if (errno != ENOENT) return system_failure(errno, "cannot make the folder " + quoted(path));
  if (path.has_parent_path()) {
    if (auto made = make_folders(path.parent_path(), mode); !made) return made.error();
  }
  // Another process may have been faster; a path that ends in "/" has made itself as its own parent.
  if (::mkdir(path.c_str(), mode) != 0) {
    if (errno == EEXIST) return {};
    return system_failure(errno, "cannot make the folder " + quoted(path));
  }
  if (::chmod(path.c_str(), mode) != 0) return system_failure(errno, "cannot set the mode of " + quoted(path));
  static_cast<void>(sync_folder(path.parent_path().empty() ? fs::path(".") : path.parent_path()));
  return {};
}

result<void> sync_folder(const fs::path& path) {
  const descriptor folder{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (folder.get() < 0 || ::fsync(folder.get()) != 0) return system_failure(errno, "cannot sync the folder " + quoted(path));
  return {};
}

result<file_lock> file_lock::take(const fs::path& path, std::chrono::milliseconds patience) {
  // The file is never deleted: a lock on a deleted file excludes nobody.
  descriptor file{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (file.get() < 0) return system_failure(errno, "cannot open the lock file " + quoted(path));
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return system_failure(errno, "cannot lock " + quoted(path));
    if (std::chrono::steady_clock::now() >= deadline) {
      const auto holder = read_file(path, 32);
      const std::string who = holder && !holder->empty() ? "process " + *holder : std::string("another process");
      return fail(condition::retry_later, who + " is at work and holds " + quoted(path) + "; try again when it has ended");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  // Only for the message above, so a full disk is no reason to stop.
  const std::string pid = std::to_string(::getpid());
  if (::ftruncate(file.get(), 0) == 0) write_all(file.get(), pid);
  return file_lock{file.release()};
}

file_lock::~file_lock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace sealring::agent

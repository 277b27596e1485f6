#include "hsm/pin.hpp"

#include "hsm/descriptor.hpp"

#include <sys/mman.h>
#include <sys/stat.h>
#include <termios.h>

#include <cstdlib>
#include <cstring>

namespace sealring::inline v0::hsm {

namespace {

constexpr std::size_t page_size = 4096;
static_assert(pin::longest + 2 <= page_size);

std::filesystem::path credential_path(std::string_view name) {
  const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
  if (folder == nullptr || *folder == '\0') return {};
  return std::filesystem::path{folder} / name;
}

/// The terminal without echo, while this lives.
class silent_terminal {
public:
  explicit silent_terminal(int fd) noexcept : fd_{fd} {
    changed_ = tcgetattr(fd, &before_) == 0;
    if (!changed_) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHOE | ECHOK | ECHONL);
    changed_ = tcsetattr(fd, TCSAFLUSH, &quiet) == 0;
  }
  silent_terminal(const silent_terminal&) = delete;
  silent_terminal& operator=(const silent_terminal&) = delete;
  ~silent_terminal() {
    if (changed_) tcsetattr(fd_, TCSAFLUSH, &before_);
  }
  explicit operator bool() const noexcept { return changed_; }

private:
  int fd_;
  termios before_{};
  bool changed_;
};

}  // namespace

result<pin> pin::empty() {
  void* page = mmap(nullptr, page_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return failure{trouble::pin_unavailable, "no memory for the PIN: " + system_error()};
  pin fresh{static_cast<std::uint8_t*>(page)};
  // Neither in the swap, nor in a core dump, nor in a child.
  if (mlock(page, page_size) != 0)
    return failure{trouble::pin_unavailable,
                   "cannot lock a page of memory for the PIN: " + system_error() + "; raise RLIMIT_MEMLOCK (ulimit -l)"};
  madvise(page, page_size, MADV_DONTDUMP);
  madvise(page, page_size, MADV_WIPEONFORK);
  return fresh;
}

// Straight into the locked page: no buffer of the C++ library ever holds the PIN.
result<pin> pin::read_from(int fd, const std::string& name) {
  auto fresh = empty();
  if (!fresh) return fresh;
  constexpr std::size_t room = longest + 2;  // a newline, and one octet that shows the file to be too long
  while (fresh->size_ < room) {
    const ssize_t got = ::read(fd, fresh->page_ + fresh->size_, room - fresh->size_);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failure{trouble::pin_unavailable, "cannot read " + name + ": " + system_error()};
    if (got == 0) break;
    fresh->size_ += static_cast<std::size_t>(got);
    if (isatty(fd) && fresh->page_[fresh->size_ - 1] == '\n') break;
  }
  if (fresh->size_ > 0 && fresh->page_[fresh->size_ - 1] == '\n') --fresh->size_;
  if (fresh->size_ == 0) return failure{trouble::pin_malformed, name + " is empty: it should hold the PIN and nothing else"};
  if (fresh->size_ > longest)
    return failure{trouble::pin_malformed, name + " is too long: it should hold the PIN and nothing else"};
  return fresh;
}

result<pin> pin::from_file(const std::filesystem::path& file) {
  const std::string name = "the PIN file " + file.string();
  // Non-blocking, so that a FIFO in the file's place does not hold us up before we see what it is.
  const descriptor fd{::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
  if (!fd) {
    if (errno == ELOOP) return failure{trouble::pin_exposed, name + " is a symbolic link: name the file itself"};
    return failure{trouble::pin_unavailable, "cannot open " + name + ": " + system_error()};
  }
  struct stat found{};
  if (fstat(fd.get(), &found) != 0) return failure{trouble::pin_unavailable, "cannot examine " + name + ": " + system_error()};
  if (!S_ISREG(found.st_mode)) return failure{trouble::pin_unavailable, name + " is not a regular file"};
  if (found.st_uid != geteuid() && found.st_uid != 0)
    return failure{trouble::pin_exposed, name + " belongs to another user (uid " + std::to_string(found.st_uid) +
                                             "): chown it to yourself, then chmod 400 " + file.string()};
  if ((found.st_mode & 077) != 0)
    return failure{trouble::pin_exposed, name + " can be read or written by others: chmod 400 " + file.string()};
  return read_from(fd.get(), name);
}

bool pin::has_credential(std::string_view name) {
  const auto path = credential_path(name);
  return !path.empty() && ::access(path.c_str(), F_OK) == 0;
}

result<pin> pin::from_credential(std::string_view name) {
  const auto path = credential_path(name);
  if (path.empty())
    return failure{trouble::pin_unavailable, "no PIN: there is no systemd credential (LoadCredentialEncrypted=" +
                                                 std::string{name} + ") and no PIN file is configured"};
  const std::string what = "the systemd credential " + path.string();
  const descriptor fd{::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY)};
  struct stat found{};
  if (!fd || fstat(fd.get(), &found) != 0)
    return failure{trouble::pin_unavailable, "cannot open " + what + ": " + system_error()};
  // The group's bits are not looked at: systemd lets the service's user in by an access list, which shows up there.
  if (!S_ISREG(found.st_mode) || (found.st_mode & 07) != 0) return failure{trouble::pin_exposed, "others can read " + what};
  return read_from(fd.get(), what);
}

result<pin> pin::ask_on(int fd, std::string_view prompt) {
  const silent_terminal silence{fd};
  if (!silence) return failure{trouble::pin_unavailable, "cannot ask for the PIN: the terminal does not hide it"};
  if (::write(fd, prompt.data(), prompt.size()) < 0)
    return failure{trouble::pin_unavailable, "cannot ask for the PIN: " + system_error()};
  auto typed = read_from(fd, "the PIN that was typed");
  [[maybe_unused]] const auto newline = ::write(fd, "\n", 1);
  return typed;
}

result<pin> pin::from_terminal(std::string_view prompt) {
  const descriptor fd{::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)};
  if (!fd) return failure{trouble::pin_unavailable, "cannot ask for the PIN: there is no terminal; configure a PIN file"};
  return ask_on(fd.get(), prompt);
}

result<pin> pin::from_descriptor(int fd, const std::string& name, std::string_view prompt) {
  return isatty(fd) != 0 ? ask_on(fd, prompt) : read_from(fd, name);
}

result<pin> pin::copy_of(std::string_view text) {
  if (text.empty() || text.size() > longest) return failure{trouble::pin_malformed, "a PIN has 1 to 255 octets"};
  auto fresh = empty();
  if (!fresh) return fresh;
  std::memcpy(fresh->page_, text.data(), text.size());
  fresh->size_ = text.size();
  return fresh;
}

pin::pin(pin&& other) noexcept : page_{std::exchange(other.page_, nullptr)}, size_{std::exchange(other.size_, 0)} {}

pin& pin::operator=(pin&& other) noexcept {
  std::swap(page_, other.page_);
  std::swap(size_, other.size_);
  return *this;
}

pin::~pin() {
  if (page_ == nullptr) return;
  OPENSSL_cleanse(page_, page_size);
  munmap(page_, page_size);
}

}  // namespace sealring::inline v0::hsm

#include "hsm/pin_mark.hpp"

#include "sealring/digest.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <sys/file.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <sstream>
#include <thread>

namespace sealring::inline v0::hsm {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view first_line = "sealring PIN tries 1";
constexpr std::size_t largest_record = 16 * 1024;
constexpr auto patience = std::chrono::seconds{60};

// 11 ms, a few times a login's own cost. A short PIN cannot be protected by any cost that a login could bear, which is why the
// record is its owner's alone.
constexpr std::uint64_t scrypt_n = 1 << 12, scrypt_r = 8, scrypt_p = 1, scrypt_memory = 32u << 20;

std::string hexadecimal(bytes_view data) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t octet : data) {
    out += digits[octet >> 4];
    out += digits[octet & 15];
  }
  return out;
}

failure unusable(const fs::path& file, const std::string& why) {
  return {trouble::mark_unusable, "cannot keep the record of PIN tries " + file.string() + ": " + why +
                                      "; without it a wrong PIN could be tried again and again, so no PIN is tried"};
}

result<std::string> mark_of(const pin& p, std::string_view salt, std::string_view token) {
  std::string salted{salt};
  salted += '\0';
  salted += token;
  fixed_bytes<32> mark{};
  if (EVP_PBE_scrypt(reinterpret_cast<const char*>(p.view().data()), p.view().size(),
                     reinterpret_cast<const unsigned char*>(salted.data()), salted.size(), scrypt_n, scrypt_r, scrypt_p,
                     scrypt_memory, mark.data(), mark.size()) != 1)
    return failure{sealring::detail::crypto_failure(), "cannot compute the PIN's mark"};
  return hexadecimal(mark);
}

bool sync_folder(const fs::path& file) {
  const descriptor folder{::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  return folder && fsync(folder.get()) == 0;
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t put = ::write(fd, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

/// The lock is a file beside the record, since the record itself is replaced.
result<descriptor> lock(const fs::path& file) {
  fs::path beside = file;
  beside += ".lock";
  descriptor held{::open(beside.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600)};
  if (!held) return unusable(file, system_error());
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (flock(held.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return unusable(file, system_error());
    if (std::chrono::steady_clock::now() > deadline)
      return failure{trouble::pin_busy, "another process has been logging in to this token for a minute: it may hang"};
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  return held;
}

bool is_hex(std::string_view text, std::size_t size) {
  return text.size() == size && text.find_first_not_of("0123456789abcdef") == text.npos;
}

}  // namespace

fs::path pin_mark::file_of(const fs::path& state, std::string_view token) {
  const auto name = hash<sha256>(as_bytes(token));
  return state / ("pin-tries-" + (name ? hexadecimal(name->view().first<8>()) : std::string{"unnamed"}));
}

// sealring PIN tries 1
// salt 5f...
// refused 9c...
// trying 1 3a...
result<pin_mark::record> pin_mark::read(const fs::path& file) {
  record found;
  const descriptor in{::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
  if (!in) {
    if (errno != ENOENT) return unusable(file, system_error());
    fixed_bytes<16> salt{};
    if (RAND_bytes(salt.data(), static_cast<int>(salt.size())) != 1) return unusable(file, "no random numbers");
    found.salt = hexadecimal(salt);
    return found;
  }
  std::string text(largest_record + 1, '\0');
  std::size_t size = 0;
  ssize_t got = 0;
  while (size < text.size() && (got = ::read(in.get(), text.data() + size, text.size() - size)) > 0)
    size += static_cast<std::size_t>(got);
  text.resize(size);
  const auto unreadable = [&] { return unusable(file, "it is damaged; look whether the token is well, then remove the file"); };
  if (got < 0 || size > largest_record) return unreadable();
  std::istringstream lines{text};
  std::string line, word, value, count;
  if (!std::getline(lines, line) || line != first_line) return unreadable();
  if (!(lines >> word >> value) || word != "salt" || !is_hex(value, 32)) return unreadable();
  found.salt = value;
  while (lines >> word) {
    auto how = outcome::refused;
    if (word == "trying") {
      if (!(lines >> count) || (count != "1" && count != "2")) return unreadable();
      how = count == "1" ? outcome::trying_once : outcome::trying_twice;
    } else if (word != "refused") {
      return unreadable();
    }
    if (!(lines >> value) || !is_hex(value, 64)) return unreadable();
    found.entries.push_back({how, value});
  }
  return found;
}

result<void> pin_mark::write() const {
  std::string text{first_line};
  text += "\nsalt " + record_.salt + '\n';
  for (const auto& [how, mark] : record_.entries)
    text += (how == outcome::refused ? "refused " : how == outcome::trying_once ? "trying 1 " : "trying 2 ") + mark + '\n';
  if (text.size() > largest_record)
    return unusable(file_, "too many PINs were refused; look whether the token is well, then remove the file");

  fs::path fresh = file_;
  fresh += ".new";
  ::unlink(fresh.c_str());
  const descriptor out{::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
  if (!out || !write_all(out.get(), text) || fsync(out.get()) != 0) return unusable(file_, system_error());
  if (::rename(fresh.c_str(), file_.c_str()) != 0 || !sync_folder(file_)) return unusable(file_, system_error());
  return {};
}

result<void> pin_mark::judge(outcome before) {
  if (before == outcome::trying_twice)
    return failure{
        trouble::pin_unfinished,
        "two tries of this PIN never ended, and a third could lock the token: see with the token's own tool how many "
        "tries are left, then let it be tried again"};
  if (before == outcome::refused)
    return failure{trouble::pin_refused,
                   "the token has refused this PIN before, so it is not tried again: put the right PIN in its place or, if "
                   "the token's PIN has since been set to this one, let it be tried again"};
  return {};
}

result<void> pin_mark::may_try(const fs::path& state, std::string_view token, const pin& p) {
  const auto found = read(file_of(state, token));
  if (!found) return found.error();
  const auto mine = mark_of(p, found->salt, token);
  if (!mine) return mine.error();
  const auto known = std::ranges::find(found->entries, *mine, &entry::mark);
  return known == found->entries.end() ? result<void>{} : judge(known->how);
}

result<pin_mark> pin_mark::before_login(const fs::path& state, std::string_view token, const pin& p) {
  pin_mark mark{file_of(state, token)};
  auto locked = lock(mark.file_);
  if (!locked) return locked.error();
  mark.lock_ = *std::move(locked);
  auto found = read(mark.file_);
  if (!found) return found.error();
  mark.record_ = *std::move(found);
  auto mine = mark_of(p, mark.record_.salt, token);
  if (!mine) return mine.error();
  mark.mine_ = *std::move(mine);
  mark.before_ = mark.record_.entries;

  auto& entries = mark.record_.entries;
  const auto known = std::ranges::find(entries, mark.mine_, &entry::mark);
  if (known == entries.end()) {
    entries.push_back({outcome::trying_once, mark.mine_});
  } else {
    if (auto may = judge(known->how); !may) return may.error();
    known->how = outcome::trying_twice;
  }
  if (auto written = mark.write(); !written) return written.error();
  return mark;
}

result<void> pin_mark::settle(std::vector<entry> entries) {
  record_.entries = std::move(entries);
  return write();
}

result<void> pin_mark::accepted() {
  auto entries = record_.entries;
  std::erase_if(entries, [this](const entry& e) { return e.mark == mine_; });
  return settle(std::move(entries));
}

result<void> pin_mark::refused() {
  auto entries = record_.entries;
  for (auto& e : entries)
    if (e.mark == mine_) e.how = outcome::refused;
  return settle(std::move(entries));
}

result<void> pin_mark::not_tried() { return settle(before_); }

result<void> pin_mark::forget(const fs::path& state, std::string_view token) {
  const auto file = file_of(state, token);
  auto locked = lock(file);
  if (!locked) return locked.error();
  if ((::unlink(file.c_str()) != 0 && errno != ENOENT) || !sync_folder(file)) return unusable(file, system_error());
  return {};
}

}  // namespace sealring::inline v0::hsm

#include "agent/manager/solver/webroot.hpp"

#include "agent/supervisor/descriptor.hpp"
#include "agent/text.hpp"

#include <algorithm>
#include <cerrno>
#include <optional>

#include <fcntl.h>
#include <sys/stat.h>

namespace sealring::agent {
namespace fs = std::filesystem;
namespace {

constexpr const char* outer = ".well-known";
constexpr const char* inner = "acme-challenge";

fs::path path_of(const fs::path& webroot, std::string_view token) { return webroot / outer / inner / token; }

descriptor open_folder(int parent, const char* name) {
  return descriptor(::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

descriptor open_webroot(const fs::path& webroot) {  // it may be a link: the operator has named it
  return descriptor(::open(webroot.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

failure cannot_enter(const fs::path& folder) {
  if (errno == ELOOP || errno == ENOTDIR)
    return fail(condition::operator_needed,
                quote(folder.string()) + " is a link or a file; it must be a folder, for we follow no link below the web root");
  return system_failure(errno, "cannot enter the folder " + quote(folder.string()));
}

result<descriptor> enter(int parent, const char* name, const fs::path& full, bool& made) {
  made = ::mkdirat(parent, name, 0755) == 0;
  if (!made && errno != EEXIST) return system_failure(errno, "cannot make the folder " + quote(full.string()));
  descriptor folder = open_folder(parent, name);
  if (!folder) return cannot_enter(full);
  if (made && ::fchmod(folder.get(), 0755) != 0) return system_failure(errno, "cannot set the mode of " + quote(full.string()));
  return folder;
}

// What is in the file of this name: nothing if it is no plain file, or longer than `limit`.
std::optional<std::string> content_of(int folder, const std::string& name, std::size_t limit) {
  const descriptor file(::openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat status{};
  if (!file || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  std::string content(limit + 1, '\0');
  const ssize_t got = ::pread(file.get(), content.data(), content.size(), 0);
  if (got < 0 || static_cast<std::size_t>(got) > limit) return std::nullopt;
  content.resize(static_cast<std::size_t>(got));
  return content;
}

bool fill(int file, std::string_view content) {
  const ssize_t written = ::write(file, content.data(), content.size());
  if (written >= 0 && static_cast<std::size_t>(written) != content.size()) errno = ENOSPC;
  return written == static_cast<ssize_t>(content.size()) && ::fchmod(file, 0644) == 0;
}

result<void> write_new(int folder, const std::string& token, std::string_view content, const fs::path& full) {
  constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  descriptor file(::openat(folder, token.c_str(), flags, 0644));
  if (!file && errno == EEXIST) {
    // Ours, of a run that was killed here, or somebody else's?
    const auto there = content_of(folder, token, content.size());
    if (there && *there == content) return {};
    if (!there || !content.starts_with(*there))
      return fail(condition::operator_needed, quote(full.string()) + " is there already, and is not of sealring; move it away");
    ::unlinkat(folder, token.c_str(), 0);
    file = descriptor(::openat(folder, token.c_str(), flags, 0644));
  }
  if (file && fill(file.get(), content)) return {};
  const int error = errno;
  if (file) ::unlinkat(folder, token.c_str(), 0);
  return system_failure(error, "cannot write " + quote(full.string()));
}

}  // namespace

bool is_token(std::string_view token) noexcept {
  return !token.empty() && token.size() <= 255 && std::ranges::all_of(token, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

result<made_folders> put_in_webroot(const fs::path& webroot, const std::string& token, std::string_view content) {
  if (!is_token(token)) return fail(condition::peer_fault, "the CA's token " + quote(one_line(token)) + " is not base64url");
  const descriptor root = open_webroot(webroot);
  if (!root) return system_failure(errno, "cannot enter \"webroot\" of [http-01], " + quote(webroot.string()));
  made_folders made;
  const auto well_known = enter(root.get(), outer, webroot / outer, made.well_known);
  if (!well_known) return well_known.error();
  const auto folder = enter(well_known->get(), inner, webroot / outer / inner, made.acme_challenge);
  if (!folder) return folder.error();
  if (auto written = write_new(folder->get(), token, content, path_of(webroot, token)); !written) return written.error();
  return made;
}

bool take_from_webroot(const fs::path& webroot, const std::string& token, std::string_view content, made_folders made) noexcept
    try {
  const descriptor root = open_webroot(webroot);
  const descriptor well_known = root ? open_folder(root.get(), outer) : descriptor();
  const descriptor folder = well_known ? open_folder(well_known.get(), inner) : descriptor();
  const bool there = folder && is_token(token) && content_of(folder.get(), token, content.size()) == content;
  const bool gone = !there || ::unlinkat(folder.get(), token.c_str(), 0) == 0;
  if (made.acme_challenge && well_known) ::unlinkat(well_known.get(), inner, AT_REMOVEDIR);
  if (made.well_known && root) ::unlinkat(root.get(), outer, AT_REMOVEDIR);
  return gone;
} catch (...) {
  return false;  // Out of memory: the file stays, and says nothing to anybody but the CA.
}

}  // namespace sealring::agent

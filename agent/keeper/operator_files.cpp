#include "agent/keeper/operator_files.hpp"

#include "agent/text.hpp"

#include <sys/stat.h>

#include <cerrno>

namespace sealring::agent {
namespace fs = std::filesystem;

namespace {

/// `may_be_sticky`: a folder like /tmp, where others can put files of their own and not replace any.
result<void> check_trusted(const fs::path& path, uid_t owner, bool may_be_sticky = false) {
  struct stat found{};
  if (::lstat(path.c_str(), &found) != 0) return system_failure(errno, "cannot look at " + quote(path.string()));
  const auto refuse = [&path](const std::string& why) {
    return fail(condition::operator_needed, quote(path.string()) + " decides what the keeper signs, and " + why);
  };
  if (S_ISLNK(found.st_mode)) return refuse("is a symbolic link: put the file itself there");
  if (!S_ISREG(found.st_mode) && !S_ISDIR(found.st_mode)) return refuse("is neither file nor folder");
  if (found.st_uid != 0 && found.st_uid != owner)
    return refuse("belongs to uid " + std::to_string(found.st_uid) + ": chown root " + path.string());
  if ((found.st_mode & (S_IWGRP | S_IWOTH)) != 0 && !(may_be_sticky && (found.st_mode & S_ISVTX) != 0))
    return refuse("others may write it: chmod go-w " + path.string());
  return {};
}

}  // namespace

result<config> load_trusted(const fs::path& file, uid_t owner) {
  const fs::path path = fs::absolute(file).lexically_normal();
  // Whoever may write the folder may put another file there, between our look at it and our reading.
  if (auto trusted = check_trusted(path.parent_path(), owner, true); !trusted) return trusted.error();
  if (auto trusted = check_trusted(path, owner); !trusted) return trusted.error();
  const fs::path more = path.parent_path() / "conf.d";
  std::error_code error;
  if (fs::symlink_status(more, error).type() != fs::file_type::not_found) {
    if (auto trusted = check_trusted(more, owner); !trusted) return trusted.error();
    for (fs::directory_iterator entry{more, error}; !error && entry != fs::directory_iterator{}; entry.increment(error))
      if (auto trusted = check_trusted(entry->path(), owner); !trusted) return trusted.error();
    if (error) return system_failure(error.value(), "cannot list " + quote(more.string()));
  }
  return load(path);
}

}  // namespace sealring::agent

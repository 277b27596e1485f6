#include "agent/supervisor/landlock.hpp"

#include "agent/text.hpp"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>

namespace sealring::agent {
namespace fs = std::filesystem;
namespace {

// By value, for the headers of Debian 12 end with version 2.
struct ruleset_attributes {
  std::uint64_t files;
  std::uint64_t network;  // version 4
  std::uint64_t scoped;   // version 6
};
constexpr std::uint64_t truncate_file = 1u << 14;  // LANDLOCK_ACCESS_FS_TRUNCATE, version 3
constexpr std::uint64_t scope_signal = 1u << 1;    // LANDLOCK_SCOPE_SIGNAL, version 6

constexpr std::uint64_t reading = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t nobody_needs =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK;
// What a rule for a plain file may speak of.
constexpr std::uint64_t of_a_file =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | truncate_file;

std::uint64_t all_of(int version) {
  std::uint64_t all = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;
  if (version >= 2) all |= LANDLOCK_ACCESS_FS_REFER;
  if (version >= 3) all |= truncate_file;
  return all;
}

std::size_t size_of_attributes(int version) { return version >= 6 ? 24 : version >= 4 ? 16 : 8; }

}  // namespace

int landlock_version() noexcept {
  const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  return version < 0 ? 0 : static_cast<int>(version);
}

result<std::optional<landlock>> landlock::make(files which) {
  const int version = landlock_version();
  if (version == 0) return std::optional<landlock>();
  ruleset_attributes attributes{which == files::all ? all_of(version) : nobody_needs, 0, version >= 6 ? scope_signal : 0};
  descriptor rules(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, size_of_attributes(version), 0)));
  if (!rules) return system_failure(errno, "cannot restrict files (Landlock)");
  return std::optional(landlock(std::move(rules), attributes.files));
}

result<void> landlock::allow(const fs::path& path, access how, if_missing otherwise) {
  const descriptor target(::open(path.c_str(), O_PATH | O_CLOEXEC));
  if (!target && errno == ENOENT && otherwise == if_missing::skip) return {};
  struct stat status{};
  if (!target || ::fstat(target.get(), &status) != 0) return system_failure(errno, "cannot allow " + quote(path.string()));
  std::uint64_t wanted = how == access::read ? reading : ~nobody_needs;
  if (!S_ISDIR(status.st_mode)) wanted &= of_a_file;
  landlock_path_beneath_attr rule{};
  rule.allowed_access = wanted & handled_;
  rule.parent_fd = target.get();
  if (::syscall(SYS_landlock_add_rule, rules_.get(), LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0) {
    return system_failure(errno, "cannot allow " + quote(path.string()));
  }
  return {};
}

result<void> landlock::allow_reading_without(const fs::path& path, const std::vector<fs::path>& never) {
  std::error_code error;
  const fs::path here = fs::weakly_canonical(path, error);
  if (error) return system_failure(error.value(), "cannot allow " + quote(path.string()));
  if (std::any_of(never.begin(), never.end(), [&](const auto& n) { return lies_in(here, n); })) return {};
  if (std::none_of(never.begin(), never.end(), [&](const auto& n) { return lies_in(n, here); })) {
    return allow(here, access::read, if_missing::skip);
  }
  for (fs::directory_iterator entry(here, error), end; !error && entry != end; entry.increment(error)) {
    // Where a link leads is judged there; a rule for the link would be one for its target.
    std::error_code gone;
    if (entry->is_symlink(gone) || gone) continue;
    if (auto allowed = allow_reading_without(entry->path(), never); !allowed) return allowed;
  }
  if (error) return system_failure(error.value(), "cannot list " + quote(here.string()));
  return {};
}

result<void> landlock::enforce() {
  if (::syscall(SYS_landlock_restrict_self, rules_.get(), 0) != 0)
    return system_failure(errno, "cannot restrict files (Landlock)");
  return {};
}

bool lies_in(const fs::path& path, const fs::path& folder) {
  const auto ends = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return ends.first == folder.end();
}

}  // namespace sealring::agent

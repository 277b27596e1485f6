#include "agent/manager/live.hpp"

#include "agent/file.hpp"
#include "agent/supervisor/users.hpp"
#include "agent/text.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <optional>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

namespace sealring::agent {
namespace fs = std::filesystem;
namespace {

struct member {
  const char* name;
  std::string live_files::* content;
  mode_t mode;
};
constexpr member members[] = {
    {"cert.pem", &live_files::cert, 0644},           {"chain.pem", &live_files::chain, 0644},
    {"fullchain.pem", &live_files::fullchain, 0644}, {"privkey.pem", &live_files::privkey, 0640},
    {"combined.pem", &live_files::combined, 0640},
};

// In each generation, a link to the one that it replaced.
constexpr const char* before_link = ".before";

bool is_file_name(std::string_view name) {
  return !name.empty() && name.front() != '.' && name.find('/') == std::string_view::npos &&
         name.find('\0') == std::string_view::npos;
}

bool holds(const fs::path& generation, const live_files& files) {
  return std::ranges::all_of(members, [&](const member& one) {
    const auto content = read_file(generation / one.name);
    return content && *content == files.*one.content;
  });
}

// The generation is made under a name of its own, so that a crash half way leaves nothing that looks finished.
result<void> make_generation(const fs::path& generation, const live_files& files, std::optional<gid_t> group,
                             const std::optional<fs::path>& before) {
  std::string making = (generation.parent_path() / ".XXXXXX").string();
  const auto failed = [&] { return system_failure(errno, "cannot make the folder " + quote(generation.string())); };
  if (!::mkdtemp(making.data())) return failed();
  std::error_code ignored;
  for (const auto& [name, content, mode] : members) {
    const fs::path file = fs::path(making) / name;
    auto written = write_file(file, files.*content, mode);
    if (written && group && mode == 0640 && ::lchown(file.c_str(), static_cast<uid_t>(-1), *group) != 0 && errno != EPERM)
      written = system_failure(errno, "cannot give " + quote(file.string()) + " to its group");
    if (!written) {
      fs::remove_all(making, ignored);
      return written;
    }
  }
  const bool linked =
      !before || ::symlink(("../" + before->filename().string()).c_str(), (fs::path(making) / before_link).c_str()) == 0;
  if (!linked || ::chmod(making.c_str(), 0755) != 0 || ::rename(making.c_str(), generation.c_str()) != 0) {
    auto f = failed();
    fs::remove_all(making, ignored);
    return f;
  }
  return sync_folder(generation.parent_path());
}

// A serial comes back when the same certificate is published with another reference to its key.
fs::path free_generation(const fs::path& archive, std::string_view serial) {
  fs::path generation = archive / serial;
  std::error_code ignored;
  for (int n = 2; fs::exists(fs::symlink_status(generation, ignored)); ++n) {
    generation = archive / (std::string(serial) + "-" + std::to_string(n));
  }
  return generation;
}

// Where live/NAME leads: nothing if it is not there.
result<std::optional<fs::path>> current_generation(const fs::path& link, const fs::path& archive) {
  std::error_code error;
  const auto status = fs::symlink_status(link, error);
  if (status.type() == fs::file_type::not_found) return std::optional<fs::path>();
  if (error) return system_failure(error.value(), "cannot look at " + quote(link.string()));
  const fs::path target = status.type() == fs::file_type::symlink ? fs::read_symlink(link, error) : fs::path();
  const fs::path generation = (link.parent_path() / target).lexically_normal();
  if (target.empty() || generation.parent_path() != archive.lexically_normal()) {
    return fail(condition::operator_needed,
                quote(link.string()) + " is not a link that sealring made; move it away, or give the certificate another name");
  }
  return std::optional(generation);
}

// rename(2) replaces a link at once; symlink(2) cannot replace anything.
result<void> point(const fs::path& link, const fs::path& target) {
  const auto failed = [&] { return system_failure(errno, "cannot switch " + quote(link.string())); };
  const fs::path next = link.parent_path() / ("." + link.filename().string() + ".next");
  ::unlink(next.c_str());  // of a run that was killed here
  if (::symlink(target.c_str(), next.c_str()) != 0) return failed();
  if (::rename(next.c_str(), link.c_str()) != 0) return failed();
  static_cast<void>(sync_folder(link.parent_path()));  // servers see the new generation already: no failure any more
  return {};
}

result<std::optional<gid_t>> gid_of(const std::string& group) {
  if (group.empty()) return std::optional<gid_t>();
  auto found = find_group(group);
  if (!found) return found.error();
  return std::optional(*found);
}

// What cannot be deleted does no harm but that it stays.
void keep_only(const fs::path& archive, const fs::path& now, const std::optional<fs::path>& before) {
  std::error_code ignored;
  for (fs::directory_iterator entry(archive, ignored), end; !ignored && entry != end; entry.increment(ignored)) {
    std::error_code stays;
    if (entry->path() != now && entry->path() != before) fs::remove_all(entry->path(), stays);
  }
}

}  // namespace

result<void> check_publishable(const fs::path& live, std::string_view name, const std::string& group) {
  if (auto found = gid_of(group); !found) return found.error();
  const fs::path folder = fs::absolute(live).lexically_normal();
  const fs::path archive = folder.parent_path() / "archive" / name;
  if (auto now = current_generation(folder / name, archive); !now) return now.error();
  for (const auto& needed : {folder, archive}) {
    if (auto made = make_folders(needed); !made) return made;
    if (::access(needed.c_str(), W_OK | X_OK) != 0) return system_failure(errno, "cannot write to " + quote(needed.string()));
  }
  return {};
}

result<fs::path> publish(const fs::path& live, std::string_view name, std::string_view serial, const live_files& files,
                         const std::string& group) {
  for (const auto part : {name, serial}) {
    if (!is_file_name(part)) return fail(condition::bad_input, quote(part) + " cannot be the name of a folder");
  }
  const auto gid = gid_of(group);
  if (!gid) return gid.error();
  const fs::path folder = fs::absolute(live).lexically_normal();
  fs::path link = folder / name;
  const fs::path archive = folder.parent_path() / "archive" / name;
  auto before = current_generation(link, archive);
  if (!before) return before.error();
  if (*before && holds(**before, files)) return link;

  for (const auto& needed : {folder, archive}) {
    if (auto made = make_folders(needed); !made) return made.error();
  }
  const fs::path now = free_generation(archive, serial);
  if (auto made = make_generation(now, files, *gid, *before); !made) return made.error();
  if (auto switched = point(link, now.lexically_relative(folder)); !switched) return switched.error();
  keep_only(archive, now, *before);
  return link;
}

result<std::optional<std::string>> roll_back(const fs::path& live, std::string_view name) {
  if (!is_file_name(name)) return fail(condition::bad_input, quote(name) + " cannot be the name of a folder");
  const fs::path folder = fs::absolute(live).lexically_normal();
  auto now = current_generation(folder / name, folder.parent_path() / "archive" / name);
  if (!now) return now.error();
  if (!*now) return std::optional<std::string>();
  std::error_code error;
  const auto before = fs::read_symlink(**now / before_link, error).filename();
  if (before.empty() || !fs::is_directory((*now)->parent_path() / before, error)) return std::optional<std::string>();
  if (auto switched = point_at(live, name, before.string()); !switched) return switched.error();
  return std::optional((*now)->filename().string());
}

bool shows(const fs::path& live, std::string_view name, std::string_view serial) {
  const fs::path folder = fs::absolute(live).lexically_normal();
  const auto now = current_generation(folder / name, folder.parent_path() / "archive" / name);
  if (!now || !*now) return false;
  const std::string generation = (*now)->filename().string();
  const bool its = generation == serial || generation.starts_with(std::string{serial} + '-');
  std::error_code error;
  const auto size = fs::file_size(**now / "cert.pem", error);
  return its && !error && size > 0;
}

result<void> point_at(const fs::path& live, std::string_view name, std::string_view generation) {
  for (const auto part : {name, generation}) {
    if (!is_file_name(part)) return fail(condition::bad_input, quote(part) + " cannot be the name of a folder");
  }
  const fs::path folder = fs::absolute(live).lexically_normal();
  const fs::path target = folder.parent_path() / "archive" / name / generation;
  if (auto now = current_generation(folder / name, target.parent_path()); !now) return now.error();
  std::error_code ignored;
  if (!fs::is_directory(target, ignored)) return fail(condition::operator_needed, "there is no " + quote(target.string()));
  return point(folder / name, target.lexically_relative(folder));
}

result<void> show_again(const fs::path& live, std::string_view name, std::string_view serial) {
  const fs::path archive = fs::absolute(live).lexically_normal().parent_path() / "archive" / name;
  std::string generation{serial};
  std::error_code ignored;
  for (int n = 2; fs::exists(archive / (std::string{serial} + "-" + std::to_string(n)), ignored); ++n)
    generation = std::string{serial} + "-" + std::to_string(n);
  return point_at(live, name, generation);
}

}  // namespace sealring::agent

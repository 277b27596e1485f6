#include "agent/manager/watch/ct_log_file.hpp"

#include "agent/file.hpp"
#include "agent/text.hpp"

#include <cerrno>

namespace sealring::agent {
namespace {

constexpr std::size_t largest_list = std::size_t{8} << 20;
constexpr std::size_t told_mistakes = 5;

std::string first_of(const std::vector<std::string>& mistakes) {
  std::string all;
  for (std::size_t i = 0; i < mistakes.size() && i < told_mistakes; ++i) all += (i > 0 ? "; " : "") + mistakes[i];
  if (mistakes.size() > told_mistakes) all += "; and " + std::to_string(mistakes.size() - told_mistakes) + " more";
  return all;
}

}  // namespace

bool ct_log_file::is_same(const struct stat& a, const struct stat& b) noexcept {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
         a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

ct_log_file::answer ct_log_file::now() {
  const std::lock_guard lock{mutex_};
  struct stat status{};
  if (::stat(file_.c_str(), &status) != 0) {
    seen_.reset();
    last_.trouble = system_failure(errno, "cannot look at " + quote(file_.string())).what;
    return last_;
  }
  if (seen_ && is_same(*seen_, status)) return last_;
  seen_ = status;
  const auto content = read_file(file_, largest_list);
  if (!content) {
    seen_.reset();
    last_.trouble = content.error().what;
    return last_;
  }
  auto list = parse_ct_log_list(*content, file_.string());
  if (!list) {
    last_.trouble = list.error().what;
    return last_;
  }
  last_.trouble = first_of(list->mistakes);
  last_.list = std::make_shared<const ct_log_list>(*std::move(list));
  return last_;
}

}  // namespace sealring::agent

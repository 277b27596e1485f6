#include "agent/keeper/token_anchor.hpp"

#include <algorithm>

namespace sealring::agent {

namespace {

constexpr std::chrono::hours between_writes{1};

}  // namespace

result<std::vector<std::string>> token_anchor::read() const {
  auto texts = read_();
  if (!texts) return texts.error();
  std::vector<std::pair<audit::record, std::string>> found;
  for (std::string& text : *texts) {
    auto r = audit::decode(text);
    if (r && std::holds_alternative<audit::checkpoint>(r->what)) found.emplace_back(*std::move(r), std::move(text));
  }
  // By time, since the numbers of a log that was begun anew begin anew.
  std::ranges::sort(found, std::greater{}, [](const auto& f) { return std::pair{f.first.time, f.first.sequence}; });
  std::vector<std::string> lines;
  lines.reserve(found.size());
  for (auto& [r, line] : found) lines.push_back(std::move(line));
  return lines;
}

result<void> token_anchor::keep(std::string_view line, clock::time_point now) {
  const std::lock_guard lock{mutex_};
  if (next_ && now < *next_) {
    waiting_ = line;
    return {};
  }
  next_ = now + between_writes;  // also after a failure: the next one would fail like this one
  waiting_.clear();
  return write_(line);
}

result<void> token_anchor::flush() {
  const std::lock_guard lock{mutex_};
  if (waiting_.empty()) return {};
  return write_(std::exchange(waiting_, {}));
}

audit::anchor told_once(audit::anchor inner) {
  return [inner = std::move(inner), last = std::make_shared<std::error_code>()](std::string_view line) -> result<void> {
    auto kept = inner(line);
    const std::error_code code = kept ? std::error_code{} : kept.error().code;
    const bool known = !kept && code == *last;
    *last = code;
    if (known) return {};
    return kept;
  };
}

}  // namespace sealring::agent

#include "agent/manager/backoff.hpp"

#include <algorithm>
#include <array>

namespace sealring::agent {

namespace {

constexpr std::array<std::chrono::minutes, 4> pauses{std::chrono::minutes{1}, std::chrono::minutes{10},
                                                     std::chrono::minutes{100}, std::chrono::days{1}};

}  // namespace

bool backoff::allows(std::string_view what, clock::time_point now) const {
  const auto known = troubles_.find(what);
  return known == troubles_.end() || now >= known->second.next;
}

bool backoff::failed(std::string_view what, std::string_view why, clock::time_point now) {
  trouble& one = troubles_[std::string(what)];
  const auto pause = pauses[std::min(static_cast<std::size_t>(one.failures), pauses.size() - 1)];
  ++one.failures;
  one.next = now + pause;
  if (one.why == why) return false;
  one.why = why;
  return true;
}

void backoff::succeeded(std::string_view what) {
  if (const auto known = troubles_.find(what); known != troubles_.end()) troubles_.erase(known);
}

backoff::clock::time_point backoff::next() const noexcept {
  auto first = clock::time_point::max();
  for (const auto& [what, one] : troubles_) first = std::min(first, one.next);
  return first;
}

}  // namespace sealring::agent

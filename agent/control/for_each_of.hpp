// The same for each of many, some of them at the same time: what waits most of its time, for a CA or for servers.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <future>
#include <vector>

namespace sealring::agent {

/// f(0), ..., f(count - 1), `at_once` of them at the same time. They begin in that order.
template <class F>
void for_each_of(std::size_t count, std::size_t at_once, const F& f) {
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t mine = next++; mine < count; mine = next++) f(mine);
  };
  std::vector<std::future<void>> others{std::min(count, at_once)};
  if (!others.empty()) others.pop_back();  // the caller is one of them
  for (auto& one : others) one = std::async(std::launch::async, work);
  work();
  for (auto& one : others) one.get();
}

}  // namespace sealring::agent

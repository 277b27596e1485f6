// How long to leave alone what has failed: 1 minute, 10, 100, then a day, until it succeeds or a person asks.
//
// In memory: a manager that is started anew may try at once.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>

namespace sealring::agent {

class backoff {
public:
  using clock = std::chrono::steady_clock;

  [[nodiscard]] bool allows(std::string_view what, clock::time_point now) const;
  /// Whether the reason is another than last time: then it is worth a line.
  [[nodiscard]] bool failed(std::string_view what, std::string_view why, clock::time_point now);
  void succeeded(std::string_view what);
  void clear() { troubles_.clear(); }

  /// When the first of them may be tried again; clock::time_point::max() if nothing has failed.
  [[nodiscard]] clock::time_point next() const noexcept;

private:
  struct trouble {
    int failures = 0;
    clock::time_point next;
    std::string why;
  };
  std::map<std::string, trouble, std::less<>> troubles_;
};

}  // namespace sealring::agent

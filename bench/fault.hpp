// A fault of the bench's own keeper in the middle of a load, and what can be seen of it by time.
#pragma once

#include "bench/plan.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <thread>

#include <sys/types.h>

namespace sealring::bench {

/// How a load went by time.
struct course {
  static constexpr std::chrono::milliseconds step{100};
  struct moment {
    std::uint64_t made = 0, failed = 0;
    std::uint64_t worst = 0;  ///< nanoseconds, from the intended start; of what was made
  };
  double struck = -1;             ///< seconds after the load had begun; negative: not at all
  double recovered = -1;          ///< from then to the first signature that was asked for after it; negative: none came
  std::vector<moment> moments{};  ///< by when the answer came

  /// What another thread saw meanwhile.
  void add(const course& other);
};

/// Strikes one process once. Safe from many threads.
class striker {
public:
  using clock = std::chrono::steady_clock;

  /// `whom` is asked when it is time.
  striker(fault f, std::function<pid_t()> whom) : fault_{std::move(f)}, whom_{std::move(whom)} {}
  striker(const striker&) = delete;
  striker& operator=(const striker&) = delete;
  /// Whom it has stopped goes on at the latest now.
  ~striker();

  void begin(clock::time_point load);
  /// When it struck; nothing before.
  [[nodiscard]] std::optional<clock::time_point> struck() const noexcept;

private:
  void strike(clock::time_point load);
  /// False where it was told to end before.
  bool sleep_until(clock::time_point) const;

  fault fault_;
  std::function<pid_t()> whom_;
  std::atomic<bool> over_ = false;
  std::atomic<clock::rep> struck_ = 0;
  std::thread thread_{};
};

}  // namespace sealring::bench

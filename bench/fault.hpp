// A fault of the bench's own keeper in the middle of a load, and what can be seen of it by time.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <sys/types.h>

namespace sealring::bench {

/// "kill-keeper@2": SIGKILL after two seconds. "stall@2,0.5": SIGSTOP after two seconds, SIGCONT half a second later.
struct fault {
  double at = 0;       ///< seconds after the load has begun
  double length = 0;   ///< of a stall
  bool kills = true;   ///< else it stalls
  std::string text{};  ///< as it was asked for
  [[nodiscard]] double end() const noexcept { return at + length; }
};

[[nodiscard]] std::optional<fault> parse_fault(std::string_view text);

/// How a load went by time.
struct course {
  static constexpr std::chrono::milliseconds step{100};
  struct moment {
    std::uint64_t made = 0, failed = 0;
    std::uint64_t worst = 0;  ///< nanoseconds, from the intended start; of what was made
  };
  std::string fault{};
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
  const fault& what() const noexcept { return fault_; }

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

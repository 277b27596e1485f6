// What is to be measured: as the command line has it, and without any of what measures.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

/// Lists are multiplied.
struct plan {
  std::vector<std::string> layers;      ///< words of layers(); empty: all that are there, or none if there are operations
  std::vector<std::string> operations;  ///< operation_words()
  std::vector<std::string> kinds{"p256"};
  std::vector<unsigned> threads{1};
  std::vector<unsigned> sessions{0};
  std::vector<unsigned> in_flight{8};
  std::vector<double> rates{0};
  std::vector<bool> combined{false};
  bool ramp = false;
  double seconds = 3;    ///< that each layer is measured under each load, in all
  unsigned rounds = 10;  ///< in so many slices
  unsigned verify_every = 64;
  int cpu = -1;
  std::optional<fault> trouble{};  ///< in each slice of each layer that has a keeper; open loops only
};

}  // namespace sealring::bench

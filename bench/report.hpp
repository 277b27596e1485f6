// From slices to a table: medians, quantiles, and how sure a ratio is.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bench {

/// One side for a fraction of a second.
struct slice {
  double seconds = 0;
  double cpu = 0;  ///< of all processes that had a part
  std::uint64_t switches = 0;
  std::vector<float> latencies;  ///< microseconds, one a signature

  [[nodiscard]] double rate() const { return static_cast<double>(latencies.size()) / seconds; }
};

/// The slices of two sides, taken in turns: the n-th of one belongs to the n-th of the other.
struct row {
  std::string agent;  ///< "interval", "always", ...
  std::string key;
  unsigned clients = 0;
  std::vector<slice> direct{};
  std::vector<slice> copy{};  ///< direct, on a session copy; empty unless asked for
  std::vector<slice> echo{};  ///< the same, after a round trip to a process that only echoes; empty unless asked for
  std::vector<slice> socket{};
};

/// The sides of a row, in the order of the table.
struct named_side {
  const char* name;
  std::vector<slice> row::* slices;
};
inline constexpr named_side sides[] = {
    {"direct", &row::direct}, {"copy", &row::copy}, {"echo", &row::echo}, {"socket", &row::socket}};

struct processes {
  std::string agent;
  std::uint64_t supervisor_kib = 0;
  std::uint64_t keeper_kib = 0;
};

struct report {
  std::string processor, kernel, module, token;
  double sync_seconds = 0;
  unsigned rounds = 0;
  double slice_seconds = 0;
  std::uint64_t client_kib = 0;  ///< before it had the module, which the direct side needs
  std::uint64_t direct_kib = 0;  ///< with it
  std::vector<processes> agents{};
  std::vector<row> rows{};
};

void print_table(const report&);
void print_json(const report&);

}  // namespace bench

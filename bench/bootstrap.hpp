// How sure a ratio is: the interval that holds 95 % of what would have come out, had other slices been seen.
#pragma once

#include "bench/report.hpp"

#include <span>

namespace sealring::bench {

/// Of fewer slices no interval is worth its name.
inline constexpr std::size_t fewest_slices = 5;

struct interval {
  double low = 0, middle = 0, high = 0;
  /// Whether there were enough slices; else low and high are zero.
  [[nodiscard]] bool known() const noexcept { return high > 0; }
};

/// What of some slices is compared.
using figure = double (*)(std::span<const turn>);

/// Signatures in all by the time of all.
[[nodiscard]] double rate_of(std::span<const turn>);
/// Microseconds of CPU a signature, of client and servers.
[[nodiscard]] double cpu_of(std::span<const turn>);
/// The median of the slices' medians, in microseconds.
[[nodiscard]] double p50_of(std::span<const turn>);

/// 2,000 draws with replacement. `paired`: slices of the same round are drawn together; else each side is drawn for itself. All
/// zero where there is nothing to compare.
[[nodiscard]] interval ratio(figure, std::span<const turn> of, std::span<const turn> to, bool paired);

}  // namespace sealring::bench

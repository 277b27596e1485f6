// How long things took, without loss: HdrHistogram's method, as hdrhistogram.org describes it.
//
// Times are counted in buckets that are at most a 1024th as wide as what they hold, from 1 ns to 18 minutes; all histograms
// have the same buckets, so that adding two loses nothing. Debian 12 has no package of it for C or C++.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <vector>

namespace sealring::bench {

/// The percentiles that are shown everywhere.
inline constexpr std::array shown_percentiles{50.0, 90.0, 99.0, 99.9, 99.99};

class histogram {
public:
  /// Longer times are counted as this one; max() has them as they were.
  static constexpr std::uint64_t longest = (std::uint64_t{1} << 40) - 1;

  /// Nanoseconds.
  void record(std::uint64_t value) {
    ++counts_[index_of(std::min(value, longest))];
    ++count_;
    sum_ += value;
    min_ = std::min(min_, value);
    max_ = std::max(max_, value);
  }

  void add(const histogram& other) {
    for (std::size_t i = 0; i != counts_.size(); ++i) counts_[i] += other.counts_[i];
    count_ += other.count_;
    sum_ += other.sum_;
    min_ = std::min(min_, other.min_);
    max_ = std::max(max_, other.max_);
  }

  std::uint64_t count() const noexcept { return count_; }
  std::uint64_t sum() const noexcept { return sum_; }
  std::uint64_t min() const noexcept { return count_ == 0 ? 0 : min_; }
  std::uint64_t max() const noexcept { return max_; }

  /// The longest time that so many of a hundred did not exceed; 0 of none.
  std::uint64_t percentile(double percent) const noexcept {
    const auto exact = percent * static_cast<double>(count_) / 100;
    auto wanted = static_cast<std::uint64_t>(exact);
    if (static_cast<double>(wanted) < exact || wanted == 0) ++wanted;
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i != counts_.size(); ++i) {
      seen += counts_[i];
      if (seen >= wanted) return std::min(highest_in(i), max_);
    }
    return max_;
  }

  /// Buckets by their number, for files. A number says what it holds for as long as the schema's version stays.
  static constexpr std::size_t buckets = 31'744;
  std::uint64_t in_bucket(std::size_t i) const noexcept { return counts_[i]; }

  /// As it was before it was written to a file. False for what cannot have been one.
  bool restore(const std::vector<std::pair<std::size_t, std::uint64_t>>& filled, std::uint64_t sum, std::uint64_t min,
               std::uint64_t max) {
    *this = {};
    for (const auto& [i, n] : filled) {
      if (i >= buckets) return false;
      counts_[i] += n;
      count_ += n;
    }
    sum_ = sum;
    if (count_ != 0) min_ = min;
    max_ = max;
    return min <= max;
  }

  friend bool operator==(const histogram&, const histogram&) = default;

private:
  // Below 2048 a bucket a nanosecond; above, 1024 buckets for each power of two.
  static constexpr std::size_t index_of(std::uint64_t value) noexcept {
    const int shift = std::max(static_cast<int>(std::bit_width(value)) - 11, 0);
    return static_cast<std::size_t>(shift) * 1024 + static_cast<std::size_t>(value >> shift);
  }
  static constexpr std::uint64_t highest_in(std::size_t i) noexcept {
    if (i < 2048) return i;
    const std::size_t shift = i / 1024 - 1;
    return ((i - shift * 1024 + 1) << shift) - 1;
  }

  std::vector<std::uint64_t> counts_ = std::vector<std::uint64_t>(buckets);
  std::uint64_t count_ = 0;
  std::uint64_t sum_ = 0;
  std::uint64_t min_ = ~std::uint64_t{0};
  std::uint64_t max_ = 0;
};

}  // namespace sealring::bench

// What was measured, as it is kept: facts, and for each layer under each load its slices and its histograms.
#pragma once

#include "agent/failure.hpp"
#include "bench/facts.hpp"
#include "bench/load.hpp"

namespace sealring::bench {

/// The layer to which ratios are taken,
inline constexpr std::string_view floor_layer = "raw";
/// and the one of those that make TLS handshakes, each with a signature in it.
inline constexpr std::string_view tls_floor_layer = "tls-libcrypto";

[[nodiscard]] inline bool makes_handshakes(std::string_view layer) noexcept { return layer.starts_with("tls-"); }

/// A kind of key under a kind of load: what layers are compared in.
struct combination {
  std::string kind;
  load_shape shape;
  double rate = 0;      ///< requests a second; 0: a closed loop
  std::string fault{};  ///< "kill-keeper@2"; empty: none
  friend bool operator==(const combination&, const combination&) = default;
};

/// "p256, 4 threads, 1000/s"
[[nodiscard]] std::string text_of(const combination&);

/// A slice without its histograms.
struct turn {
  double seconds = 0;
  std::uint64_t made = 0;
  double client_cpu = 0;
  double server_cpu = 0;
  std::uint64_t switches = 0;
  std::uint64_t p50 = 0;  ///< nanoseconds
  std::uint64_t p99 = 0;
};

/// One layer in one combination. The n-th turn of one layer was taken in the same round as the n-th of another.
struct series {
  std::string layer;
  combination of{};
  bool ramp = false;  ///< a step on the way to the knee: at a rate of its own
  std::vector<turn> turns{};
  histogram latency{};
  histogram service{};
  std::map<std::string, std::uint64_t> errors{};
  std::uint64_t verified = 0;
  std::uint64_t unsent = 0;
  std::vector<course> courses{};  ///< one a turn, where there was a fault

  void add(const slice&);
  [[nodiscard]] std::uint64_t made() const noexcept;
};

/// How far a layer keeps up with an open loop.
struct knee {
  std::string layer;
  combination of{};
  double capacity = 0;  ///< what a closed loop reached
  double rate = 0;      ///< the highest that was kept; 0: none
  std::uint64_t p99 = 0;
};

/// A layer that was left out, and why.
struct left_out {
  std::string layer;
  std::string where;  ///< a combination, or a kind
  std::string why;
};

struct report {
  facts about;
  std::vector<series> all{};
  std::vector<knee> knees{};
  std::vector<left_out> absent{};
  std::vector<operation> operations{};

  /// The series of a layer in a combination; nullptr if there is none.
  [[nodiscard]] const series* find(std::string_view layer, const combination&) const noexcept;
  /// That to which the ratio of this one is taken; nullptr if it was not measured.
  [[nodiscard]] const series* floor_of(const series&) const noexcept;
  /// In the order in which they were measured.
  [[nodiscard]] std::vector<combination> combinations() const;
};

}  // namespace sealring::bench

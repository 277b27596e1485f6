#include "bench/compare.hpp"

#include <algorithm>

namespace sealring::bench {
namespace {

/// The share of what was asked for that was not made, or not begun. All, where nothing was made.
double failing_of(const series& s) {
  const auto made = static_cast<double>(s.made());
  auto failed = static_cast<double>(s.unsent);
  for (const auto& [name, count] : s.errors) failed += static_cast<double>(count);
  return made > 0 ? failed / (made + failed) : 1;
}

verdict judge(const interval& by, double tolerance) {
  if (!by.known()) return verdict::unknown;
  if (by.high < 1 - tolerance) return verdict::worse;
  if (by.low > 1 + tolerance) return verdict::better;
  return verdict::same;
}

/// Latency: less is better.
interval inverse(const interval& i) { return i.low > 0 ? interval{1 / i.high, 1 / i.middle, 1 / i.low} : interval{}; }

double quotient(std::uint64_t b, std::uint64_t a) { return a == 0 ? 0 : static_cast<double>(b) / static_cast<double>(a); }

/// What p11perftest has is one request at a time, as most of our layers are whatever --in-flight says.
const series* counterpart(const report& a, const series& s) {
  if (s.layer == "agent-pipelined") return a.find(s.layer, s.of);
  const auto same_load = [&s](const series& other) {
    auto of = other.of;
    of.shape.in_flight = s.of.shape.in_flight;
    return !other.ramp && other.layer == s.layer && of == s.of;
  };
  const auto found = std::ranges::find_if(a.all, same_load);
  return found != a.all.end() ? &*found : nullptr;
}

/// Of a load that both were asked for: a layer that no longer works there is a regression.
bool is_missing(const series& before, const report& a, const report& b) {
  const auto asked = b.combinations();
  if (std::ranges::find(asked, before.of) == asked.end()) return false;
  return std::ranges::none_of(b.all, [&](const series& s) { return !s.ramp && counterpart(a, s) == &before; });
}

std::string shown(double by) { return by == 0 ? "-" : decimal(by, 3); }

}  // namespace

std::string_view word_of(verdict v) {
  switch (v) {
    case verdict::same: return "same";
    case verdict::better: return "better";
    case verdict::worse: return "worse";
    case verdict::missing: return "missing in B";
    case verdict::unknown: break;
  }
  return "too few slices to tell";
}

std::vector<comparison> compare(const report& a, const report& b, double tolerance) {
  std::vector<comparison> out;
  for (const series& after : b.all) {
    if (after.ramp) continue;
    const series* const before = counterpart(a, after);
    if (before == nullptr) continue;
    comparison c{.layer = after.layer, .of = after.of};
    c.rate = ratio(rate_of, after.turns, before->turns, false);
    c.cpu = ratio(cpu_of, after.turns, before->turns, false);
    c.p50 = quotient(after.latency.percentile(50), before->latency.percentile(50));
    c.p99 = quotient(after.latency.percentile(99), before->latency.percentile(99));
    if (failing_of(after) > failing_of(*before) + tolerance) c.is = verdict::worse;
    else if (after.of.rate == 0) c.is = judge(c.rate, tolerance);
    else c.is = judge(inverse(ratio(p50_of, after.turns, before->turns, false)), tolerance);
    out.push_back(std::move(c));
  }
  for (const series& before : a.all)
    if (!before.ramp && before.made() > 0 && is_missing(before, a, b))
      out.push_back({.layer = before.layer, .of = before.of, .is = verdict::missing});
  return out;
}

table table_of(const std::vector<comparison>& all) {
  table out{{"LOAD", "LAYER", "RATE B/A [95 %]", "CPU B/A [95 %]", "P50", "P99", ""}, {}};
  for (const comparison& c : all)
    out.rows.push_back(
        {text_of(c.of), c.layer, shown(c.rate), shown(c.cpu), shown(c.p50), shown(c.p99), std::string{word_of(c.is)}});
  return out;
}

}  // namespace sealring::bench

#include "bench/bootstrap.hpp"

#include <algorithm>
#include <cmath>
#include <random>

namespace sealring::bench {

double rate_of(std::span<const turn> turns) {
  double made = 0, seconds = 0;
  for (const turn& t : turns) {
    made += static_cast<double>(t.made);
    seconds += t.seconds;
  }
  return seconds > 0 ? made / seconds : 0;
}

double cpu_of(std::span<const turn> turns) {
  double made = 0, cpu = 0;
  for (const turn& t : turns) {
    made += static_cast<double>(t.made);
    cpu += t.client_cpu + t.server_cpu;
  }
  return made > 0 ? cpu / made * 1e6 : 0;
}

double p50_of(std::span<const turn> turns) {
  if (turns.empty()) return 0;
  std::vector<std::uint64_t> each;
  for (const turn& t : turns)
    if (t.p50 != 0) each.push_back(t.p50);
  if (each.empty()) return 0;
  const auto middle = each.begin() + static_cast<std::ptrdiff_t>(each.size() / 2);
  std::ranges::nth_element(each, middle);
  return static_cast<double>(*middle) * 1e-3;
}

interval ratio(figure f, std::span<const turn> of, std::span<const turn> to, bool paired) {
  if (paired) {  // an interrupt leaves those whose turn had come with one slice more
    of = of.first(std::min(of.size(), to.size()));
    to = to.first(of.size());
  }
  const double below = f(to);
  if (of.empty() || below <= 0) return {};
  if (std::min(of.size(), to.size()) < fewest_slices) return {.middle = f(of) / below};
  std::mt19937 random{1};  // the same draws each time: what differs is the slices
  std::uniform_int_distribution<std::size_t> any_of{0, of.size() - 1};
  std::uniform_int_distribution<std::size_t> any_to{0, to.size() - 1};
  std::vector<turn> left(of.size());
  std::vector<turn> right(to.size());
  std::vector<double> draws;
  for (int i = 0; i != 2000; ++i) {
    if (paired) {
      for (std::size_t j = 0; j != left.size(); ++j) {
        const auto round = any_of(random);
        left[j] = of[round];
        right[j] = to[round];
      }
    } else {
      for (turn& t : left) t = of[any_of(random)];
      for (turn& t : right) t = to[any_to(random)];
    }
    if (const double b = f(right); b > 0) draws.push_back(f(left) / b);
  }
  if (draws.empty()) return {};
  std::ranges::sort(draws);
  return {draws[draws.size() / 40], f(of) / below, draws[draws.size() - 1 - draws.size() / 40]};
}

}  // namespace sealring::bench

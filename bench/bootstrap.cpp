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
  for (const turn& t : turns) each.push_back(t.p50);
  const auto middle = each.begin() + static_cast<std::ptrdiff_t>(each.size() / 2);
  std::ranges::nth_element(each, middle);
  return static_cast<double>(*middle) * 1e-3;
}

interval ratio(figure f, std::span<const turn> of, std::span<const turn> to, bool paired) {
  const double below = f(to);
  if (of.empty() || below <= 0 || (paired && of.size() != to.size())) return {};
  std::mt19937 random{1};  // the same draws each time: what differs is the slices
  std::uniform_int_distribution<std::size_t> any_of{0, of.size() - 1};
  std::uniform_int_distribution<std::size_t> any_to{0, to.size() - 1};
  std::vector<turn> left(of.size());
  std::vector<turn> right(to.size());
  std::vector<double> draws(2000);
  for (double& draw : draws) {
    if (paired) {
      for (std::size_t i = 0; i != left.size(); ++i) {
        const auto round = any_of(random);
        left[i] = of[round];
        right[i] = to[round];
      }
    } else {
      for (turn& t : left) t = of[any_of(random)];
      for (turn& t : right) t = to[any_to(random)];
    }
    const double b = f(right);
    draw = b > 0 ? f(left) / b : 0;
  }
  std::ranges::sort(draws);
  return {draws[draws.size() / 40], f(of) / below, draws[draws.size() - 1 - draws.size() / 40]};
}

}  // namespace sealring::bench

#include "report.hpp"

#include <algorithm>
#include <cstdio>
#include <random>

namespace bench {
namespace {

struct interval {
  double low, middle, high;
};

/// Signatures in all by the time of all: of the slices that `chosen` names.
double rate(const std::vector<slice>& side, const std::vector<std::size_t>& chosen) {
  double count = 0, seconds = 0;
  for (const auto i : chosen) {
    count += static_cast<double>(side[i].latencies.size());
    seconds += side[i].seconds;
  }
  return count / seconds;
}

/// By how much one side's rate exceeds the other's: 95 % of 2,000 draws of as many pairs of slices, with replacement.
interval ratio(const std::vector<slice>& of, const std::vector<slice>& to) {
  std::vector<std::size_t> chosen(of.size());
  for (std::size_t i = 0; i != chosen.size(); ++i) chosen[i] = i;
  const double middle = rate(of, chosen) / rate(to, chosen);
  std::mt19937 random{1};  // the same draws in each run: what differs is the slices
  std::uniform_int_distribution<std::size_t> any{0, of.size() - 1};
  std::vector<double> draws(2000);
  for (double& draw : draws) {
    for (auto& i : chosen) i = any(random);
    draw = rate(of, chosen) / rate(to, chosen);
  }
  std::ranges::sort(draws);
  return {draws[draws.size() / 40], middle, draws[draws.size() - 1 - draws.size() / 40]};
}

struct summary {
  double rate = 0, cpu_us = 0, switches = 0, p50 = 0, p99 = 0;
};

summary summarise(const std::vector<slice>& side) {
  std::vector<float> all;
  std::vector<double> rates;
  double cpu = 0, switches = 0;
  for (const slice& s : side) {
    all.insert(all.end(), s.latencies.begin(), s.latencies.end());
    rates.push_back(s.rate());
    cpu += s.cpu;
    switches += static_cast<double>(s.switches);
  }
  std::ranges::sort(all);
  std::ranges::sort(rates);
  const auto count = static_cast<double>(all.size());
  return {rates[rates.size() / 2], cpu / count * 1e6, switches / count, all[all.size() / 2], all[all.size() * 99 / 100]};
}

void print_side(const row& r, const char* name, const std::vector<slice>& side, double direct_cpu) {
  const summary s = summarise(side);
  std::printf("%-9s %-8s %7u  %-7s %8.0f", r.agent.c_str(), r.key.c_str(), r.clients, name, s.rate);
  if (&side == &r.direct) {
    std::printf("  %-20s", "");
  } else {
    const interval by = ratio(side, r.direct);
    std::printf("  %5.3f [%5.3f-%5.3f]", by.middle, by.low, by.high);
  }
  std::printf(" %8.0f %+7.0f %8.2f %9.0f %9.0f\n", s.cpu_us, s.cpu_us - direct_cpu, s.switches, s.p50, s.p99);
}

void json_side(const char* name, const std::vector<slice>& side) {
  const summary s = summarise(side);
  std::printf(R"("%s":{"per_second":%.1f,"cpu_us":%.2f,"switches":%.3f,"p50_us":%.1f,"p99_us":%.1f})", name, s.rate, s.cpu_us,
              s.switches, s.p50, s.p99);
}

void json_ratio(const char* name, const interval& by) {
  std::printf(R"(,"%s_to_direct":{"low":%.4f,"middle":%.4f,"high":%.4f})", name, by.low, by.middle, by.high);
}

}  // namespace

void print_table(const report& r) {
  std::printf("%s; %s\n%s, token %s\n%u slices of %.2f s a side, in turns; fdatasync of one record: %.0f us\n\n",
              r.processor.c_str(), r.kernel.c_str(), r.module.c_str(), r.token.c_str(), r.rounds, r.slice_seconds,
              r.sync_seconds * 1e6);
  std::printf("%-9s %-8s %7s  %-7s %8s  %-20s %8s %7s %8s %9s %9s\n", "audit", "key", "clients", "side", "sign/s",
              "ratio [95 %]", "CPU us", "added", "switches", "p50 us", "p99 us");
  for (const row& one : r.rows) {
    const double direct_cpu = summarise(one.direct).cpu_us;
    for (const auto& [name, slices] : sides)
      if (!(one.*slices).empty()) print_side(one, name, one.*slices, direct_cpu);
  }
  std::printf("\nresident KiB:");
  for (const processes& p : r.agents)
    std::printf(" %s: supervisor %llu, keeper %llu;", p.agent.c_str(), static_cast<unsigned long long>(p.supervisor_kib),
                static_cast<unsigned long long>(p.keeper_kib));
  std::printf(" client %llu; with the module for the direct side %llu\n", static_cast<unsigned long long>(r.client_kib),
              static_cast<unsigned long long>(r.direct_kib));
}

void print_json(const report& r) {
  std::printf(R"({"processor":"%s","kernel":"%s","module":"%s","rounds":%u,"slice_seconds":%.3f,"fdatasync_us":%.1f,)",
              r.processor.c_str(), r.kernel.c_str(), r.module.c_str(), r.rounds, r.slice_seconds, r.sync_seconds * 1e6);
  std::printf(R"("client_kib":%llu,"direct_kib":%llu,"agents":[)", static_cast<unsigned long long>(r.client_kib),
              static_cast<unsigned long long>(r.direct_kib));
  const char* comma = "";
  for (const processes& p : r.agents) {
    std::printf(R"(%s{"audit":"%s","supervisor_kib":%llu,"keeper_kib":%llu})", comma, p.agent.c_str(),
                static_cast<unsigned long long>(p.supervisor_kib), static_cast<unsigned long long>(p.keeper_kib));
    comma = ",";
  }
  std::printf(R"(],"rows":[)");
  comma = "";
  for (const row& one : r.rows) {
    std::printf(R"(%s{"audit":"%s","key":"%s","clients":%u,)", comma, one.agent.c_str(), one.key.c_str(), one.clients);
    for (const auto& [name, slices] : sides) {
      if ((one.*slices).empty()) continue;
      json_side(name, one.*slices);
      if (slices != &row::direct) json_ratio(name, ratio(one.*slices, one.direct));
      std::printf("%s", slices == &row::socket ? "}" : ",");
    }
    comma = ",";
  }
  std::printf("]}\n");
}

}  // namespace bench

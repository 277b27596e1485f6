#include "bench/report.hpp"

#include "bench/report_text.hpp"

#include <algorithm>

namespace sealring::bench {

std::string text_of(const combination& c) {
  const auto counted = [](unsigned n, const std::string& what) { return std::to_string(n) + ' ' + what + (n == 1 ? "" : "s"); };
  std::string text = c.kind + ", " + counted(c.shape.threads, "thread");
  if (c.shape.sessions != 0) text += ", " + counted(c.shape.sessions, "session");
  if (c.shape.in_flight != 1) text += ", up to " + std::to_string(c.shape.in_flight) + " in flight";
  if (c.shape.combined) text += ", combined mechanism";
  if (c.rate != 0) text += ", " + decimal(c.rate, c.rate < 1 ? 3 : c.rate < 10 ? 1 : 0) + "/s";
  if (!c.fault.empty()) text += ", " + c.fault;
  return text;
}

void series::add(const slice& s) {
  turns.push_back(
      {s.seconds, s.made(), s.client_cpu, s.server_cpu, s.switches, s.latency.percentile(50), s.latency.percentile(99)});
  latency.add(s.latency);
  service.add(s.service);
  for (const auto& [name, count] : s.errors) errors[name] += count;
  verified += s.verified;
  unsent += s.unsent;
  if (s.by_time) courses.push_back(*s.by_time);
}

std::uint64_t series::made() const noexcept {
  std::uint64_t all = 0;
  for (const turn& t : turns) all += t.made;
  return all;
}

const series* report::find(std::string_view layer, const combination& c) const noexcept {
  const auto found = std::ranges::find_if(all, [&](const series& s) { return !s.ramp && s.layer == layer && s.of == c; });
  return found != all.end() ? &*found : nullptr;
}

const series* report::floor_of(const series& s) const noexcept {
  return find(makes_handshakes(s.layer) ? tls_floor_layer : floor_layer, s.of);
}

std::vector<combination> report::combinations() const {
  std::vector<combination> out;
  for (const series& s : all)
    if (!s.ramp && std::ranges::find(out, s.of) == out.end()) out.push_back(s.of);
  return out;
}

}  // namespace sealring::bench

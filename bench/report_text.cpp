#include "bench/report_text.hpp"

#include <cstdio>

namespace sealring::bench {
namespace {

std::string us(std::uint64_t nanoseconds) { return decimal(static_cast<double>(nanoseconds) * 1e-3, 1); }

struct sums {
  double client_us = 0, server_us = 0, switches = 0;
};

sums sums_of(const series& s) {
  sums out;
  double made = 0;
  for (const turn& t : s.turns) {
    out.client_us += t.client_cpu * 1e6;
    out.server_us += t.server_cpu * 1e6;
    out.switches += static_cast<double>(t.switches);
    made += static_cast<double>(t.made);
  }
  if (made <= 0) return {};
  return {out.client_us / made, out.server_us / made, out.switches / made};
}

std::string errors_of(const std::map<std::string, std::uint64_t>& errors) {
  std::string out;
  for (const auto& [name, count] : errors) out += (out.empty() ? "" : ", ") + name + " x " + std::to_string(count);
  return out;
}

std::string errors_of(const series& s) {
  std::string out = errors_of(s.errors);
  if (s.unsent != 0) out += (out.empty() ? "" : ", ") + std::string{"not begun x "} + std::to_string(s.unsent);
  return out;
}

std::string cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string{"\"\""} : std::string{c};
  return out + '"';
}

std::string line(const std::vector<std::string>& cells) {
  std::string out;
  for (const auto& one : cells) out += (&one == &cells.front() ? "" : ",") + cell(one);
  return out + "\r\n";
}

/// Of so few there is no such percentile: it would be the slowest of them.
std::string us(const histogram& h, double percentile) {
  const bool enough = static_cast<double>(h.count()) * (1 - percentile / 100) >= 0.999;
  return enough ? us(h.percentile(percentile)) : "-";
}

/// Mean, percentiles, most.
void add_times(std::vector<std::string>& row, const histogram& h) {
  row.push_back(h.count() == 0 ? "0" : us(h.sum() / h.count()));
  for (const double p : shown_percentiles) row.push_back(us(h.percentile(p)));
  row.push_back(us(h.max()));
}

std::string errors_in_a_cell(const std::map<std::string, std::uint64_t>& all) {
  std::string out;
  for (const auto& [name, count] : all) out += (out.empty() ? "" : "; ") + name + '=' + std::to_string(count);
  return out;
}

}  // namespace

std::string decimal(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

std::string shown(const interval& i) {
  if (i.middle == 0) return "-";
  const std::string middle = decimal(i.middle, 3);
  return i.known() ? middle + " [" + decimal(i.low, 3) + "-" + decimal(i.high, 3) + "]" : middle;
}

table table_of(const report& r) {
  table out;
  out.header = {"LOAD",     "LAYER",  "PER S", "RATIO [95 %]", "CPU US", "SERVER",
                "SWITCHES", "P50 US", "P99",   "P99.9",        "MAX",    "ERRORS"};
  for (const combination& c : r.combinations()) {
    for (const series& s : r.all) {
      if (s.ramp || s.of != c) continue;
      const series* const floor = r.floor_of(s);
      const auto [client, server, switches] = sums_of(s);
      const bool paced = c.rate != 0;  // all rates are the same then
      std::string by = "-";
      if (floor != nullptr && floor != &s)
        if (const auto i = ratio(paced ? p50_of : rate_of, s.turns, floor->turns, true); i.middle > 0)
          by = (paced ? "p50 " : "") + shown(i);
      const auto& h = s.latency;
      out.rows.push_back({text_of(c), s.layer, decimal(rate_of(s.turns), 0), by, decimal(client + server, 1),
                          decimal(server, 1), decimal(switches, 2), us(h, 50), us(h, 99), us(h, 99.9), us(h.max()),
                          errors_of(s)});
    }
  }
  return out;
}

table knees_of(const report& r) {
  table out{{"LOAD", "LAYER", "CLOSED LOOP/S", "KEPT/S", "P99 US"}, {}};
  for (const knee& k : r.knees)
    out.rows.push_back({text_of(k.of), k.layer, decimal(k.capacity, 0), decimal(k.rate, 0), us(k.p99)});
  return out;
}

table faults_of(const report& r) {
  table out{{"LOAD", "LAYER", "AT S", "FIRST GOOD MS", "WORST MS", "FAILED"}, {}};
  for (const series& s : r.all)
    for (const course& c : s.courses) {
      std::uint64_t worst = 0, failed = 0;
      for (const auto& m : c.moments) {
        worst = std::max(worst, m.worst);
        failed += m.failed;
      }
      out.rows.push_back({text_of(s.of), s.layer, c.struck < 0 ? "not struck" : decimal(c.struck, 2),
                          c.recovered < 0 ? "none" : decimal(c.recovered * 1e3, 1),
                          decimal(static_cast<double>(worst) * 1e-6, 1), std::to_string(failed)});
    }
  return out;
}

table operations_of(const report& r) {
  table out{{"OPERATION", "", "TIMES", "P50 US", "P90", "P99", "MAX", "ERRORS"}, {}};
  for (const operation& o : r.operations)
    out.rows.push_back({o.name, o.where, std::to_string(o.time.count()), us(o.time, 50), us(o.time, 90), us(o.time, 99),
                        us(o.time.max()), errors_of(o.errors)});
  return out;
}

std::string to_csv(const report& r) {
  std::vector<std::string> header{"layer", "key_type",   "mechanism",     "threads",       "sessions", "in_flight", "rate",
                                  "ramp",  "per_second", "client_cpu_us", "server_cpu_us", "switches", "mean_us"};
  for (const double p : shown_percentiles)
    header.push_back('p' + decimal(p, p == static_cast<int>(p) ? 0 : p < 99.95 ? 1 : 2) + "_us");
  for (const char* name : {"max_us", "made", "verified", "unsent", "errors", "fault"}) header.emplace_back(name);
  std::string out = line(header);
  for (const series& s : r.all) {
    const auto [client, server, switches] = sums_of(s);
    const auto& h = s.latency;
    const auto& shape = s.of.shape;
    std::vector<std::string> row{s.layer,
                                 s.of.kind,
                                 shape.combined ? "combined" : "raw",
                                 std::to_string(shape.threads),
                                 std::to_string(shape.sessions),
                                 std::to_string(shape.in_flight),
                                 decimal(s.of.rate, s.of.rate < 1 ? 3 : 1),
                                 s.ramp ? "1" : "0",
                                 decimal(rate_of(s.turns), 1),
                                 decimal(client, 2),
                                 decimal(server, 2),
                                 decimal(switches, 3)};
    add_times(row, h);
    for (const std::uint64_t n : {s.made(), s.verified, s.unsent}) row.push_back(std::to_string(n));
    row.push_back(errors_in_a_cell(s.errors));
    row.push_back(s.of.fault);
    out += line(row);
  }
  for (const operation& o : r.operations) {
    std::vector<std::string> row(12);
    row[0] = o.name + ", " + o.where;
    add_times(row, o.time);
    row.insert(row.end(), {std::to_string(o.time.count()), "", "", errors_in_a_cell(o.errors), ""});
    out += line(row);
  }
  return out;
}

}  // namespace sealring::bench

// One page with everything in it: facts, pictures, tables. No script, nothing from elsewhere.
#include "bench/plot.hpp"
#include "bench/report_text.hpp"

#include <algorithm>
#include <cmath>

namespace sealring::bench {
namespace {

constexpr std::string_view head = R"(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>sealring bench</title>
<style>
:root { color-scheme: light dark; --ink: #222; --soft: #777; --line: #ddd; --paper: #fff;
  --c0: #0072b2; --c1: #d55e00; --c2: #009e73; --c3: #b2338b; --c4: #8a6d00; --c5: #56a0d3; --c6: #444; --c7: #7a5195;
  --c8: #c0392b; --c9: #5d8a3a; --c10: #00838f; --c11: #9e6b4a; --c12: #e0559a }
@media (prefers-color-scheme: dark) { :root { --ink: #ddd; --soft: #999; --line: #444; --paper: #1b1b1b;
  --c0: #56b4e9; --c1: #ff9d5c; --c2: #2fd0a5; --c3: #f08bd0; --c4: #f0e442; --c5: #9ad0f5; --c6: #bbb; --c7: #c9a6ff;
  --c8: #ff8577; --c9: #a9d18e; --c10: #4dd0e1; --c11: #d7a98c; --c12: #ffb3d1 } }
body { font: 15px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 76rem; margin: 2rem auto;
  padding: 0 1rem }
h1, h2, h3 { font-weight: 600 }
table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; margin: 1rem 0 }
th, td { white-space: nowrap; text-align: right; padding: .2rem .45rem; border-bottom: 1px solid var(--line) }
td:first-child, td:last-child { white-space: normal }
th:first-child, td:first-child, th:nth-child(2), td:nth-child(2) { text-align: left }
.plots { display: flex; flex-wrap: wrap; gap: 1.5rem }
figure { margin: 0; flex: 1 1 30rem; max-width: 37rem }
figcaption { color: var(--soft) }
svg { width: 100%; height: auto }
svg text { fill: var(--ink); font-size: 12px }
.grid { stroke: var(--line) } .one, .interval { stroke: var(--ink) } .one { stroke-dasharray: 4 3 }
polyline { fill: none; stroke-width: 2 } .key { stroke-width: 2 }
.wide { overflow-x: auto }
)";

std::string colour_rules() {
  std::string out;
  for (std::size_t i = 0; i != colours; ++i) {
    const std::string name = "c" + std::to_string(i);
    for (const char* part : {" polyline, .@ .key { stroke: var(--@) }", " circle, .@ rect { fill: var(--@) }"}) {
      out += '.';
      out += name;
      for (const char* c = part; *c != '\0'; ++c)
        if (*c == '@') out += name;
        else out += *c;
      out += '\n';
    }
  }
  return out;
}

std::string html_of(const table& t) {
  std::string out = "<div class='wide'><table><thead><tr>";
  for (const auto& cell : t.header) out += "<th>" + escaped(cell) + "</th>";
  out += "</tr></thead><tbody>\n";
  for (const auto& row : t.rows) {
    out += "<tr>";
    for (const auto& cell : row) out += "<td>" + escaped(cell) + "</td>";
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

std::string html_of(const fact_list& facts) {
  table t{{"", ""}, {}};
  for (const auto& [name, value] : facts) t.rows.push_back({name, value});
  return html_of(t);
}

std::string framed(const std::string& picture, std::string_view caption) {
  return picture.empty() ? picture : "<figure>" + picture + "<figcaption>" + escaped(caption) + "</figcaption></figure>\n";
}

/// Loads that differ in the number of threads alone.
std::vector<std::vector<combination>> by_threads(const std::vector<combination>& all) {
  std::vector<std::vector<combination>> groups;
  for (const combination& c : all) {
    const auto same = [&c](const std::vector<combination>& group) {
      auto other = group.front();
      other.shape.threads = c.shape.threads;
      return other == c;
    };
    const auto found = std::ranges::find_if(groups, same);
    if (found == groups.end()) groups.push_back({c});
    else found->push_back(c);
  }
  return groups;
}

std::vector<std::string> layers_in(const report& r) {
  std::vector<std::string> out;
  for (const series& s : r.all)
    if (std::ranges::find(out, s.layer) == out.end()) out.push_back(s.layer);
  return out;
}

std::string throughput(const report& r, const std::vector<combination>& group) {
  if (group.size() < 2) return {};
  std::vector<curve> curves;
  for (const auto& layer : layers_in(r)) {
    curve c{layer, {}};
    for (const combination& of : group)
      if (const auto* s = r.find(layer, of)) c.points.push_back({static_cast<double>(of.shape.threads), rate_of(s->turns)});
    curves.push_back(std::move(c));
  }
  axis x{.title = "threads", .logarithmic = true};
  for (const combination& of : group) x.ticks.emplace_back(of.shape.threads, std::to_string(of.shape.threads));
  return framed(plot_lines(curves, x, {.title = "a second"}), "Throughput by threads");
}

/// By the number of nines, so that the tail has as much room as the middle.
std::string percentiles(const report& r, const combination& of) {
  std::vector<curve> curves;
  axis x{.title = "percentile"};
  for (const double p : shown_percentiles)
    x.ticks.emplace_back(-std::log10(1 - p / 100), decimal(p, p < 99.5 ? 0 : p < 99.95 ? 1 : 2));
  for (const auto& layer : layers_in(r)) {
    const auto* const s = r.find(layer, of);
    if (s == nullptr || s->latency.count() == 0) continue;
    curve c{layer, {}};
    for (std::size_t i = 0; i != shown_percentiles.size(); ++i)
      c.points.push_back({x.ticks[i].first, static_cast<double>(s->latency.percentile(shown_percentiles[i])) * 1e-3});
    curves.push_back(std::move(c));
  }
  return framed(plot_lines(curves, x, {.title = "microseconds", .logarithmic = true}),
                of.rate == 0 ? "Latency, closed loop" : "Latency from the intended start, open loop");
}

std::string ratios(const report& r, const combination& of) {
  std::vector<bar> bars;
  for (const auto& layer : layers_in(r))
    if (const auto* s = r.find(layer, of))
      if (const auto* floor = r.floor_of(*s))
        bars.push_back({layer, ratio(of.rate == 0 ? rate_of : p50_of, s->turns, floor->turns, true)});
  if (bars.empty()) return {};
  return framed(plot_ratios(bars),
                std::string{of.rate == 0 ? "Signatures a second" : "Median latency at this pace (less is better)"} +
                    ", by that of C_SignInit and C_Sign on the token object (tls-...: handshakes, by those with a key in "
                    "memory); intervals hold 95 %");
}

std::string ramps(const report& r, const combination& flat_out) {
  std::vector<curve> curves;
  for (const knee& k : r.knees) {
    if (k.of != flat_out) continue;
    curve c{k.layer, {}};
    for (const series& s : r.all) {
      auto of = s.of;
      of.rate = 0;
      if (s.ramp && s.layer == k.layer && of == k.of)
        c.points.push_back({s.of.rate, static_cast<double>(s.latency.percentile(99)) * 1e-3});
    }
    curves.push_back(std::move(c));
  }
  return framed(plot_lines(curves, {.title = "requests a second"}, {.title = "p99, microseconds", .logarithmic = true}),
                "The way to the knee, " + text_of(flat_out));
}

/// What came in each step, as the whole load saw it: of each layer's first slice.
std::string faults(const report& r, const combination& of) {
  std::vector<curve> rates, worst;
  std::optional<double> at;
  for (const auto& layer : layers_in(r)) {
    const auto* const s = r.find(layer, of);
    if (s == nullptr || s->courses.empty()) continue;
    const double step = std::chrono::duration<double>(course::step).count();
    curve rate{layer, {}}, latency{layer, {}};
    if (s->courses.front().struck >= 0) at = s->courses.front().struck;
    for (std::size_t i = 0; i != s->courses.front().moments.size(); ++i) {
      const auto& m = s->courses.front().moments[i];
      const double from = static_cast<double>(i) * step;
      rate.points.push_back({from, static_cast<double>(m.made) / step});
      if (m.made != 0) latency.points.push_back({from, static_cast<double>(m.worst) * 1e-6});
    }
    rates.push_back(std::move(rate));
    worst.push_back(std::move(latency));
  }
  if (rates.empty()) return {};
  const axis x{.title = "seconds", .mark = at};
  return framed(plot_lines(rates, x, {.title = "a second"}), "What came, by tenths of a second; the broken line is the fault") +
         framed(plot_lines(worst, x, {.title = "milliseconds", .logarithmic = true}),
                "The worst latency of what came, from the intended start");
}

}  // namespace

std::string to_html(const report& r) {
  std::string out = std::string{head} + colour_rules() + "</style></head><body>\n<h1>sealring bench</h1>\n<p>" +
                    escaped(r.about.time) + "</p>\n" + (r.all.empty() ? std::string{} : html_of(table_of(r)));
  for (const auto& group : by_threads(r.combinations())) {
    out += "<div class='plots'>\n" + throughput(r, group) + "</div>\n";
    for (const combination& of : group)
      out += "<h2>" + escaped(text_of(of)) + "</h2>\n<div class='plots'>\n" + percentiles(r, of) + ratios(r, of) +
             faults(r, of) + "</div>\n";
  }
  std::string ramp_plots;
  for (const combination& of : r.combinations()) ramp_plots += ramps(r, of);
  if (!r.knees.empty())
    out += "<h2>Open loop, more and more</h2>\n<div class='plots'>\n" + ramp_plots + "</div>\n" + html_of(knees_of(r));
  if (const auto all = faults_of(r); !all.rows.empty()) out += "<h2>Faults</h2>\n" + html_of(all);
  if (!r.operations.empty()) out += "<h2>Beside signatures</h2>\n" + html_of(operations_of(r));
  if (!r.absent.empty()) {
    table t{{"layer", "where", "why"}, {}};
    for (const left_out& l : r.absent) t.rows.push_back({l.layer, l.where, l.why});
    out += "<h2>Left out</h2>\n" + html_of(t);
  }
  std::string mechanisms;
  for (const auto& m : r.about.mechanisms) mechanisms += (mechanisms.empty() ? "" : ", ") + m;
  return out + "<h2>Machine</h2>\n" + html_of(r.about.machine) + "<h2>Token</h2>\n" + html_of(r.about.token) + "<p>" +
         escaped(mechanisms) + "</p>\n<h2>Run</h2>\n" + html_of(r.about.run) + "</body></html>\n";
}

}  // namespace sealring::bench

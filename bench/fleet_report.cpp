#include "bench/fleet_report.hpp"

#include "agent/duration.hpp"
#include "bench/plot.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <algorithm>

namespace sealring::bench {
namespace {

constexpr std::string_view head = R"(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>A fleet of certificates</title>
<style>
:root { color-scheme: light dark; --ink: #222; --line: #ddd; --paper: #fff; --c0: #0072b2; --c1: #d55e00 }
@media (prefers-color-scheme: dark) { :root { --ink: #ddd; --line: #444; --paper: #1b1b1b; --c0: #56b4e9; --c1: #ff9d5c } }
body { font: 15px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 76rem;
  margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; margin: 1rem 0 }
th, td { text-align: right; padding: .2rem .6rem; border-bottom: 1px solid var(--line) }
.plots { display: flex; flex-wrap: wrap; gap: 1.5rem }
figure { margin: 0; flex: 1 1 30rem; max-width: 37rem }
svg { width: 100%; height: auto }
svg text { fill: var(--ink); font-size: 12px }
.grid { stroke: var(--line) }
polyline { fill: none; stroke-width: 1.5 } .key { stroke-width: 2 } circle { fill: none }
.c0 polyline, .c0 .key { stroke: var(--c0) } .c1 polyline, .c1 .key { stroke: var(--c1) }
</style></head><body>
<h1>A fleet of certificates</h1>
)";

std::string outage_of(const fleet& f) { return f.outage ? agent::duration_text(*f.outage) : "none"; }

/// As many points as there is room for: the busiest hour of each stretch.
std::vector<point> points_of(const fleet_run& r) {
  constexpr std::size_t most = 360;
  const auto& hours = r.outcome.renewals;
  const std::size_t stretch = (hours.size() + most - 1) / most;
  std::vector<point> out;
  for (std::size_t i = 0; i < hours.size(); i += stretch) {
    const auto end = std::min(i + stretch, hours.size());
    const auto busiest =
        *std::max_element(hours.begin() + static_cast<std::ptrdiff_t>(i), hours.begin() + static_cast<std::ptrdiff_t>(end));
    out.push_back({static_cast<double>(i) / 24, busiest * r.signatures()});
  }
  return out;
}

std::string picture_of(const std::vector<const fleet_run*>& runs) {
  std::vector<curve> curves;
  curves.reserve(runs.size());
  for (const fleet_run* r : runs) curves.push_back({"outage: " + outage_of(r->asked), points_of(*r)});
  const auto total = std::chrono::floor<std::chrono::days>(runs.front()->asked.time).count();
  axis x{.title = "days", .ticks = {}};
  for (int i = 0; i <= 6; ++i) {
    const auto day = static_cast<double>(total) * i / 6;
    x.ticks.emplace_back(day, decimal(day, total < 6 ? 1 : 0));
  }
  return plot_lines(curves, x, {.title = "signatures an hour", .ticks = {}});
}

}  // namespace

table table_of(const std::vector<fleet_run>& runs) {
  table out{{"lifetime", "outage", "renewals/h", "peak", "signatures/h", "peak", "questions/s", "out of window", "postponed",
             "failed", "expired", "for"},
            {}};
  const auto whole = [](double value) { return decimal(value, 0); };
  for (const fleet_run& r : runs) {
    const auto& o = r.outcome;
    out.rows.push_back(
        {agent::duration_text(r.asked.life), outage_of(r.asked), whole(o.an_hour()), std::to_string(o.peak_hour()),
         whole(o.an_hour() * r.signatures()), whole(o.peak_hour() * r.signatures()),
         decimal(static_cast<double>(o.questions) / static_cast<double>(r.asked.time.count()), 1), std::to_string(o.outside),
         std::to_string(o.postponed), std::to_string(o.failed), std::to_string(o.expired),
         o.expired == 0 ? "-" : agent::duration_text(std::chrono::floor<std::chrono::hours>(o.longest))});
  }
  return out;
}

boost::json::value to_json(const std::vector<fleet_run>& runs) {
  boost::json::array all;
  for (const fleet_run& r : runs) {
    const auto& f = r.asked;
    const auto& o = r.outcome;
    boost::json::array limits;
    for (const auto& limit : f.limits) limits.emplace_back(agent::to_text(limit));
    all.push_back(boost::json::object{{"certificates", f.certificates},
                                      {"life_s", f.life.count()},
                                      {"time_s", f.time.count()},
                                      {"outage_s", f.outage ? f.outage->count() : 0},
                                      {"accounts", f.accounts},
                                      {"certificates_per_domain", f.per_domain},
                                      {"rate_limits", std::move(limits)},
                                      {"pace", f.pace},
                                      {"seed", f.seed},
                                      {"signatures_per_renewal", r.signatures()},
                                      {"renewed", o.renewed},
                                      {"failed", o.failed},
                                      {"postponed", o.postponed},
                                      {"out_of_window", o.outside},
                                      {"expired", o.expired},
                                      {"longest_expired_s", o.longest.count()},
                                      {"questions", o.questions},
                                      {"renewals_by_hour", boost::json::array(o.renewals.begin(), o.renewals.end())}});
  }
  return {{"schema", 1}, {"runs", std::move(all)}};
}

std::string to_html(const std::vector<fleet_run>& runs) {
  const table t = table_of(runs);
  std::string out{head};
  out += "<p>" + std::to_string(runs.front().asked.certificates) + " certificates, " + decimal(runs.front().signatures(), 0) +
         " signatures each time</p>\n<table><tr>";
  for (const auto& cell : t.header) out += "<th>" + escaped(cell) + "</th>";
  for (const auto& row : t.rows) {
    out += "</tr>\n<tr>";
    for (const auto& cell : row) out += "<td>" + escaped(cell) + "</td>";
  }
  out += "</tr></table>\n<div class='plots'>\n";
  for (std::size_t i = 0; i != runs.size();) {
    std::vector<const fleet_run*> same;
    for (const auto life = runs[i].asked.life; i != runs.size() && runs[i].asked.life == life; ++i) same.push_back(&runs[i]);
    out += "<figure>" + picture_of(same) + "<figcaption>Lifetime " + agent::duration_text(same.front()->asked.life) +
           "</figcaption></figure>\n";
  }
  return out + "</div></body></html>\n";
}

}  // namespace sealring::bench

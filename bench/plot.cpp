#include "bench/plot.hpp"

#include "bench/report_text.hpp"

#include <algorithm>
#include <cmath>

namespace sealring::bench {
namespace {

constexpr double width = 560, height = 300, left = 70, right = 172, top = 15, bottom = 45;

/// From values to places on the paper.
class scale {
public:
  scale(double least, double most, double from, double to, bool logarithmic)
      : logarithmic_{logarithmic}, least_{at(least)}, most_{at(most)}, from_{from}, to_{to} {
    if (most_ <= least_) most_ = least_ + 1;
  }
  double operator()(double value) const { return from_ + (at(value) - least_) / (most_ - least_) * (to_ - from_); }

private:
  double at(double value) const { return logarithmic_ ? std::log10(std::max(value, 1e-9)) : value; }
  bool logarithmic_;
  double least_, most_, from_, to_;
};

std::string number(double value) { return decimal(value, 1); }

std::string text(double x, double y, std::string_view anchor, std::string_view what) {
  return "<text x='" + number(x) + "' y='" + number(y) + "' text-anchor='" + std::string{anchor} + "'>" + escaped(what) +
         "</text>\n";
}

std::string rule(double x1, double y1, double x2, double y2, std::string_view style) {
  return "<line class='" + std::string{style} + "' x1='" + number(x1) + "' y1='" + number(y1) + "' x2='" + number(x2) +
         "' y2='" + number(y2) + "'/>\n";
}

std::string begin(std::string_view label, double tall) {
  return "<svg role='img' aria-label='" + escaped(label) + "' viewBox='0 0 " + number(width) + ' ' + number(tall) + "'>\n";
}

std::string short_number(double value) {
  if (value >= 1e6) return decimal(value / 1e6, 1) + "M";
  if (value >= 1e4) return decimal(value / 1e3, 0) + "k";
  if (value >= 1e3) return decimal(value / 1e3, 1) + "k";
  return decimal(value, value < 10 && value != std::floor(value) ? 1 : 0);
}

/// A few round numbers from zero, or powers of ten.
std::vector<std::pair<double, std::string>> ticks_for(double least, double most, bool logarithmic) {
  std::vector<std::pair<double, std::string>> out;
  if (logarithmic) {
    for (double at = std::pow(10, std::floor(std::log10(least))); at <= most * 1.001; at *= 10)
      if (at >= least * 0.999) out.emplace_back(at, short_number(at));
    return out;
  }
  if (most <= 0) return {{0, "0"}};
  double step = std::pow(10, std::floor(std::log10(most / 2)));
  while (most / step > 6) step *= most / step > 12 ? 5 : 2;
  for (int i = 0; i * step <= most * 1.001; ++i) out.emplace_back(i * step, short_number(i * step));
  return out;
}

std::string class_of(std::size_t i) { return "c" + std::to_string(i % colours); }

}  // namespace

std::string escaped(std::string_view plain) {
  std::string out;
  for (const char c : plain) {
    switch (c) {
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '&': out += "&amp;"; break;
      case '\'': out += "&#39;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string plot_lines(const std::vector<curve>& curves, const axis& x, const axis& y) {
  double x0 = 1e300, x1 = -1e300, y0 = 1e300, y1 = 0;
  for (const curve& c : curves)
    for (const auto& [px, py] : c.points) {
      x0 = std::min(x0, px);
      x1 = std::max(x1, px);
      if (py > 0) y0 = std::min(y0, py);
      y1 = std::max(y1, py);
    }
  if (y1 <= 0) return {};
  if (y.logarithmic) {
    y0 = std::pow(10, std::floor(std::log10(y0)));
    y1 = std::pow(10, std::ceil(std::log10(y1)));
  } else {
    y0 = 0;
  }
  if (x.ticks.empty() && !x.logarithmic) x0 = 0;
  const auto x_ticks = x.ticks.empty() ? ticks_for(x0, x1, x.logarithmic) : x.ticks;
  const scale across{x0, x1, left, width - right, x.logarithmic};
  const scale up{y0, y1, height - bottom, top, y.logarithmic};
  std::string out = begin(y.title + " by " + x.title, height);
  for (const auto& [at, name] : ticks_for(y0, y1, y.logarithmic)) {
    out += rule(left, up(at), width - right, up(at), "grid");
    out += text(left - 6, up(at) + 4, "end", name);
  }
  for (const auto& [at, name] : x_ticks) out += text(across(at), height - bottom + 16, "middle", name);
  out += text((left + width - right) / 2, height - 8, "middle", x.title);
  out += "<text transform='translate(14 " + number((top + height - bottom) / 2) + ") rotate(-90)' text-anchor='middle'>" +
         escaped(y.title) + "</text>\n";
  if (x.mark) out += rule(across(*x.mark), top, across(*x.mark), height - bottom, "one");
  for (std::size_t i = 0; i != curves.size(); ++i) {
    out += "<g class='" + class_of(i) + "'><polyline points='";
    for (const auto& [px, py] : curves[i].points) out += number(across(px)) + ',' + number(up(py)) + ' ';
    out += "'/>\n";
    for (const auto& [px, py] : curves[i].points)
      out += "<circle cx='" + number(across(px)) + "' cy='" + number(up(py)) + "' r='3'><title>" + escaped(curves[i].name) +
             ": " + decimal(py, 1) + "</title></circle>\n";
    const double place = top + 12 + 18 * static_cast<double>(i);
    out += rule(width - right + 12, place - 4, width - right + 30, place - 4, "key");
    out += text(width - right + 36, place, "start", curves[i].name) + "</g>\n";
  }
  return out + "</svg>\n";
}

std::string plot_ratios(const std::vector<bar>& bars) {
  double most = 1.2;
  const auto end_of = [](const interval& v) { return std::max(v.middle, v.high); };
  for (const bar& b : bars) most = std::max(most, end_of(b.value));
  constexpr double names = 150, tall = 26;
  const double end = 30 + tall * static_cast<double>(bars.size());
  const scale across{0, most, names, width - 60, false};
  std::string out = begin("ratio to the floor", end + 12);
  for (const auto& [at, name] : ticks_for(0, most, false)) out += text(across(at), end + 8, "middle", name);
  for (std::size_t i = 0; i != bars.size(); ++i) {
    const auto& [name, value] = bars[i];
    const double place = 12 + tall * static_cast<double>(i);
    out += "<g class='" + class_of(i) + "'><rect x='" + number(names) + "' y='" + number(place) + "' width='" +
           number(across(value.middle) - names) + "' height='16'/></g>\n";
    if (value.known()) out += rule(across(value.low), place + 8, across(value.high), place + 8, "interval");
    out += text(names - 8, place + 12, "end", name);
    // Not on the line at 1.
    const double end_of_bar = across(end_of(value)), one = across(1);
    const double number_at = end_of_bar > one - 36 && end_of_bar < one ? one : end_of_bar;
    out += text(number_at + 6, place + 12, "start", decimal(value.middle, 2));
  }
  return out + rule(across(1), 4, across(1), end - 4, "one") + "</svg>\n";
}

}  // namespace sealring::bench

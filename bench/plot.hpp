// Pictures of figures, as SVG to be put into a page; colours and fonts are the page's (report_html.cpp).
#pragma once

#include "bench/bootstrap.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sealring::bench {

/// Of the page: c0, c1, ... As many as there are layers.
inline constexpr std::size_t colours = 13;

struct point {
  double x, y;
};

struct curve {
  std::string name;
  std::vector<point> points;
};

struct axis {
  std::string title;
  std::vector<std::pair<double, std::string>> ticks{};  ///< none: chosen by the values, from zero unless logarithmic
  bool logarithmic = false;
  std::optional<double> mark{};  ///< where a line is drawn across, of x only
};

/// Lines with their names beside it. Titles and names are escaped here.
[[nodiscard]] std::string plot_lines(const std::vector<curve>&, const axis& x, const axis& y);

struct bar {
  std::string name;
  interval value;
};

/// Bars from zero with their intervals, and a line at 1.
[[nodiscard]] std::string plot_ratios(const std::vector<bar>&);

[[nodiscard]] std::string escaped(std::string_view text);

}  // namespace sealring::bench

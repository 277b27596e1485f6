#include "bench/fleet.hpp"

#include "bench/fleet_report.hpp"
#include "catch.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <numeric>

namespace {

namespace agent = sealring::agent;
namespace bench = sealring::bench;
using namespace std::chrono_literals;
using std::chrono::days;

bench::fleet small(std::chrono::seconds life) {
  bench::fleet out;
  out.certificates = 2000;
  out.life = life;
  out.time = days{30};
  return out;
}

}  // namespace

TEST_CASE("without an outage every renewal is in its window, and none counts against a limit", "[fleet]") {
  for (const auto life : {std::chrono::seconds{days{90}}, std::chrono::seconds{days{45}}, std::chrono::seconds{160h}}) {
    CAPTURE(life.count());
    const auto f = small(life);
    const auto o = bench::simulate(f);
    CHECK(o.outside == 0);
    CHECK(o.postponed == 0);
    CHECK(o.failed == 0);
    CHECK(o.expired == 0);
    CHECK(std::reduce(o.renewals.begin(), o.renewals.end(), std::uint64_t{0}) == o.renewed);
    // Two thirds of the lifetime apart, or the half of a short one.
    const auto apart = life < days{10} ? life / 2 : life * 2 / 3;
    const double expected =
        static_cast<double>(f.certificates) * static_cast<double>(f.time.count()) / static_cast<double>(apart.count());
    CHECK(static_cast<double>(o.renewed) > 0.9 * expected);
    CHECK(static_cast<double>(o.renewed) < 1.1 * expected);
  }
}

TEST_CASE("an outage is slept through by long certificates, and met by short ones under the limits", "[fleet]") {
  auto f = small(days{90});
  f.outage = days{3};
  const auto longer = bench::simulate(f);
  CHECK(longer.failed > 0);
  CHECK(longer.expired == 0);
  // 80 hours from one renewal to the next: after three days most are due outside their windows, at 100 an hour.
  f.life = 160h;
  f.certificates = 20'000;
  const auto shorter = bench::simulate(f);
  CHECK(shorter.outside > 0);
  CHECK(shorter.postponed > 0);
  CHECK(shorter.expired > 0);
  CHECK(shorter.longest > 0s);
  f.limits = {{agent::limited::orders, 30'000, 3h}};
  const auto raised = bench::simulate(f);
  CHECK(raised.expired == 0);
  CHECK(raised.peak_hour() > shorter.peak_hour());
}

TEST_CASE("what is outside the windows keeps the limits", "[fleet]") {
  auto f = small(160h);
  f.outage = days{7};  // no window is left
  f.certificates = 20'000;
  f.accounts = 2;
  const auto ends = static_cast<std::size_t>((f.time / 2 + *f.outage) / 1h);
  const auto hours = bench::simulate(f).renewals;
  CHECK(hours[ends - 1] == 0);
  for (std::size_t hour = ends; hour != ends + 48; ++hour) {  // before the first of the new windows
    CAPTURE(hour);
    CHECK(hours[hour] + hours[hour + 1] + hours[hour + 2] <= 2 * 300);
  }
  CHECK(hours[ends] + hours[ends + 1] + hours[ends + 2] + hours[ends + 3] > 500);
}

TEST_CASE("no more are obtained than the agents can", "[fleet]") {
  auto f = small(160h);
  f.outage = days{3};
  f.limits = {{agent::limited::orders, 1'000'000, 3h}};
  f.pace = 0.1;
  CHECK(bench::simulate(f).peak_hour() <= 361);
}

TEST_CASE("a fleet's report", "[fleet]") {
  auto f = small(160h);
  f.certificates = 200;
  f.outage = days{1};
  const std::vector<bench::fleet_run> runs{{f, bench::simulate(f)}};
  CHECK(runs.front().signatures() == 8);
  const auto table = bench::table_of(runs);
  REQUIRE(table.rows.size() == 1);
  CHECK(table.rows.front().size() == table.header.size());
  CHECK(table.rows.front()[0] == "160h");
  CHECK(table.rows.front()[1] == "1d");
  const auto json = bench::to_json(runs);
  CHECK(json.at("runs").at(0).at("renewals_by_hour").as_array().size() == runs.front().outcome.renewals.size());
  const auto page = bench::to_html(runs);
  CHECK(page.find("<polyline") != std::string::npos);
  CHECK(page.ends_with("</html>\n"));
}

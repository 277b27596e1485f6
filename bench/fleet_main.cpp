// bench_fleet: what a fleet of certificates asks of its tokens and its CA, for lifetimes of today and tomorrow.

#include "agent/cli/output.hpp"
#include "agent/duration.hpp"
#include "agent/file.hpp"
#include "bench/fleet_report.hpp"

#include <CLI/CLI.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <iostream>

namespace {

using namespace sealring;

/// Reads what the parser reads into the target.
template <class T, class Parse>
CLI::callback_t reader(T& target, Parse parse) {
  return [&target, parse](const CLI::results_t& words) {
    for (const auto& word : words) {
      auto read = parse(word);
      if (!read) throw CLI::ValidationError(read.error().what);
      if constexpr (requires { target.push_back(*read); }) target.push_back(*std::move(read));
      else target = *std::move(read);
    }
    return true;
  };
}

int fail(const agent::failure& f) {
  std::cerr << "bench_fleet: " << f.what << '\n';
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  bench::fleet asked;
  std::vector<std::chrono::seconds> lives;
  std::size_t names = 1;
  std::string json, page;
  CLI::App app{"A fleet of certificates, its renewals and signatures an hour, under a CA's limits.", "bench_fleet"};
  app.add_option("--certificates", asked.certificates, "how many")->check(CLI::Range(1, 100'000'000))->capture_default_str();
  app.add_option("--lifetime", reader(lives, agent::parse_duration), "lifetimes; 90d,64d,45d,160h if absent")
      ->delimiter(',')
      ->type_name("LIST")
      ->expected(1, 100);
  app.add_option("--time", reader(asked.time, agent::parse_duration), "how long to look; 180d if absent")->type_name("TIME");
  app.add_option("--outage", reader(asked.outage, agent::parse_duration), "also with the CA down for so long, in the middle")
      ->type_name("TIME");
  app.add_option("--accounts", asked.accounts, "at the CA, among which the certificates are divided")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--per-domain", asked.per_domain, "certificates a registered domain")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--names", names, "a certificate")->check(CLI::Range(1, 100))->capture_default_str();
  app.add_option("--rate-limits", reader(asked.limits, agent::parse_rate_limit),
                 "the CA's, as in [ca] rate-limits: \"orders 3000/3h\"; Let's Encrypt's if absent")
      ->delimiter(',')
      ->type_name("LIST")
      ->expected(1, 100);
  app.add_option("--pace", asked.pace, "certificates a second that all agents together obtain (bench/issuance.sh)")
      ->check(CLI::Range(0.001, 1e6))
      ->capture_default_str();
  app.add_option("--seed", asked.seed, "of the instants in the windows")->capture_default_str();
  app.add_option("--json", json, "all figures")->type_name("FILE");
  app.add_option("--report", page, "one HTML page with plots")->type_name("FILE");
  CLI11_PARSE(app, argc, argv);
  if (lives.empty()) lives = {std::chrono::days{90}, std::chrono::days{64}, std::chrono::days{45}, std::chrono::hours{160}};

  std::vector<bench::fleet_run> runs;
  for (const auto life : lives) {
    asked.life = life;
    auto quiet = asked;
    quiet.outage.reset();
    runs.push_back({quiet, bench::simulate(quiet), names});
    if (asked.outage) runs.push_back({asked, bench::simulate(asked), names});
  }

  agent::cli::output out{std::cout, std::cerr, {}};
  const auto table = bench::table_of(runs);
  out.table(table.header, table.rows);
  if (!json.empty())
    if (auto written = agent::write_file(json, boost::json::serialize(bench::to_json(runs)) + '\n', 0644); !written)
      return fail(written.error());
  if (!page.empty())
    if (auto written = agent::write_file(page, bench::to_html(runs), 0644); !written) return fail(written.error());
  return 0;
}
